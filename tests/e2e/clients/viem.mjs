// What a viem user does, against a node: node viem.mjs URL KEY ARTIFACT. Prints one JSON object.
import { readFileSync } from "node:fs";
import {
  BaseError, ContractFunctionRevertedError, InsufficientFundsError, NonceTooLowError,
  createPublicClient, createWalletClient, defineChain, http, parseEventLogs,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

const [url, key, artifactFile] = process.argv.slice(2);
const { abi, bytecode } = JSON.parse(readFileSync(artifactFile, "utf8"));
const transport = http(url);
const probe = createPublicClient({ transport });
const chain = defineChain({
  id: await probe.getChainId(), name: "strikefold",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 }, rpcUrls: { default: { http: [url] } },
});
const client = createPublicClient({ chain, transport, pollingInterval: 100 });
const account = privateKeyToAccount(key);
const wallet = createWalletClient({ account, chain, transport });
const stranger = "0x00000000000000000000000000000000000000AA";
const seen = { chainId: chain.id };

const failure = async (action, kind) => {
  try {
    await action();
    return "nothing failed";
  } catch (error) {
    const found = error instanceof BaseError ? error.walk((e) => e instanceof kind) : null;
    if (!found) return `another error: ${error}`;
    return found.reason ?? found.data?.errorName ?? found.name;
  }
};

seen.eip1559 = (await client.estimateFeesPerGas()).maxFeePerGas > 0n;
const deployed = await client.waitForTransactionReceipt({ hash: await wallet.deployContract({ abi, bytecode }) });
const address = deployed.contractAddress;
seen.codeBytes = (await client.getCode({ address })).length / 2 - 1;
const mint = { address, abi, functionName: "mint", args: [account.address, 1000n] };
const receipt = await client.waitForTransactionReceipt({ hash: await wallet.writeContract(mint) });
seen.status = receipt.status;
seen.event = parseEventLogs({ abi, logs: receipt.logs })[0].eventName;
const read = { address, abi, functionName: "balanceOf", args: [account.address] };
seen.balance = (await client.readContract(read)).toString();
const range = { address, abi, fromBlock: receipt.blockNumber, toBlock: receipt.blockNumber };
seen.logs = (await client.getContractEvents({ ...range, eventName: "Transfer" })).length;
const overdraw = { address, abi, functionName: "transfer", args: [stranger, 1001n], account };
seen.customError = await failure(() => client.simulateContract(overdraw), ContractFunctionRevertedError);
const errors = [{ type: "function", name: "Error", inputs: [{ type: "string" }], outputs: [], stateMutability: "view" }];
const code = "0x6007806009" + "5f395ff3" + "365f5f37365ffd";
const echo = await client.waitForTransactionReceipt({ hash: await wallet.deployContract({ abi: [], bytecode: code }) });
const revert = { address: echo.contractAddress, abi: errors, functionName: "Error", args: ["no luck"] };
seen.reason = await failure(() => client.readContract(revert), ContractFunctionRevertedError);
const poor = privateKeyToAccount(generatePrivateKey());
const fixed = { to: stranger, value: 1n, gas: 21000n, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 10n ** 9n };
seen.insufficientFunds = await failure(
  () => wallet.sendTransaction({ ...fixed, account: poor, nonce: 0 }), InsufficientFundsError);
seen.nonceTooLow = await failure(() => wallet.sendTransaction({ ...fixed, nonce: 0 }), NonceTooLowError);
const proof = await client.getProof({ address, storageKeys: [] });
seen.proved = proof.accountProof.length > 0;
const overridden = await client.call({ to: stranger, stateOverride: [{ address: stranger, code: "0x5f5ff3" }] });
seen.override = overridden.data ?? "0x";
console.log(JSON.stringify(seen));
