// What an ethers user does, against a node: node ethers.mjs URL KEY ARTIFACT. Prints one JSON object.
import { readFileSync } from "node:fs";
import { Contract, ContractFactory, JsonRpcProvider, NonceManager, Wallet } from "ethers";

const [url, key, artifactFile] = process.argv.slice(2);
const artifact = JSON.parse(readFileSync(artifactFile, "utf8"));
const provider = new JsonRpcProvider(url, undefined, { pollingInterval: 100, cacheTimeout: -1 });
const wallet = new Wallet(key, provider);
const signer = new NonceManager(wallet);
const seen = {};

const failure = async (action) => {
  try {
    await action();
    return "nothing failed";
  } catch (error) {
    return { code: error.code, reason: error.reason ?? null, revert: error.revert?.name ?? null };
  }
};

seen.chainId = Number((await provider.getNetwork()).chainId);
const fees = await provider.getFeeData();
seen.eip1559 = fees.maxFeePerGas > 0n && fees.maxPriorityFeePerGas > 0n;

const factory = new ContractFactory(artifact.abi, artifact.bytecode, signer);
const token = await factory.deploy();
await token.waitForDeployment();
seen.codeBytes = (await provider.getCode(await token.getAddress())).length / 2 - 1;

const receipt = await (await token.mint(wallet.address, 1000n)).wait();
seen.status = receipt.status;
seen.event = token.interface.parseLog(receipt.logs[0]).name;
seen.balance = (await token.balanceOf(wallet.address)).toString();
seen.logs = (await token.queryFilter("Transfer", receipt.blockNumber, "latest")).length;
seen.gas = (await token.transfer.estimateGas("0x00000000000000000000000000000000000000AA", 1n)) > 21000n;

const stranger = "0x00000000000000000000000000000000000000AA";
seen.customError = await failure(() => token.transfer.staticCall(stranger, 1001n));
seen.estimateError = await failure(() => token.transfer.estimateGas(stranger, 1001n));
const echo = await new ContractFactory([], "0x6007806009" + "5f395ff3" + "365f5f37365ffd", signer).deploy();
await echo.waitForDeployment();
const errors = new Contract(await echo.getAddress(), ["function Error(string)", "function Panic(uint256)"], signer);
seen.reason = await failure(() => errors.getFunction("Error").staticCall("no luck"));
seen.panic = await failure(() => errors.getFunction("Panic").staticCall(0x11));
const poor = Wallet.createRandom(provider);
const fixed = { gasLimit: 21000n, maxFeePerGas: fees.maxFeePerGas, maxPriorityFeePerGas: 1000000000n };
seen.insufficientFunds = await failure(() => poor.sendTransaction({ to: stranger, value: 1n, ...fixed }));
seen.nonceTooLow = await failure(() => wallet.sendTransaction({ to: stranger, nonce: 0, ...fixed }));
const block = await provider.getBlock("latest", true);
seen.blockHasTransactions = Array.isArray(block.prefetchedTransactions);
console.log(JSON.stringify(seen));
provider.destroy();
