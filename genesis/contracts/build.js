// Compiles l2/ and writes one compact JSON artifact a contract into the directory named on the command line.
// Everything that decides the output is in this file, the sources and package-lock.json.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const solc = require("solc");

const CONTRACTS = {
  Series: "l2/Series.sol",
  Pool: "l2/Pool.sol",
  Oracle: "l2/Oracle.sol",
  Settlement: "l2/Settlement.sol",
  Exchange: "l2/Exchange.sol",
  DevnetBTC: "l2/DevnetToken.sol",
  DevnetETH: "l2/DevnetToken.sol",
  DevnetUSD: "l2/DevnetToken.sol",
};

// The same as foundry.toml, so that tests run what genesis carries.
const SETTINGS = {
  evmVersion: "prague",
  optimizer: { enabled: true, runs: 10000 },
  metadata: { bytecodeHash: "none", appendCBOR: false },
  remappings: ["solady/=node_modules/solady/src/"],
};

const OUTPUT = ["abi", "evm.bytecode.object", "evm.deployedBytecode", "storageLayout"];

// A warning that transient storage exists at all; ours is a reentrancy guard that clears itself.
const TRANSIENT_STORAGE = "2394";

function read(file) {
  return fs.readFileSync(path.join(__dirname, file), "utf8");
}

function compile() {
  const files = [...new Set(Object.values(CONTRACTS))];
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(files.map((file) => [file, { content: read(file) }])),
    settings: { ...SETTINGS, outputSelection: { "*": { "*": OUTPUT } } },
  };
  const imports = (file) => {
    try {
      return { contents: read(file) };
    } catch (error) {
      return { error: error.message };
    }
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: imports }));
  const problems = (output.errors ?? []).filter(({ errorCode }) => errorCode !== TRANSIENT_STORAGE);
  if (problems.length) throw new Error(problems.map((problem) => problem.formattedMessage).join("\n"));
  return output.contracts;
}

// AST node ids in the layout depend on what else was compiled; the rest is what readers need.
function layout(storageLayout) {
  const clean = (type) => type.replace(/\)(\d+)_storage/g, ")_storage").replace(/(\))\d+\b/g, "$1");
  return storageLayout.storage.map(({ label, slot, offset, type }) => ({ label, slot, offset, type: clean(type) }));
}

function artifact(name, contract) {
  const { bytecode, deployedBytecode } = contract.evm;
  // A predeploy's constructor never runs, so an immutable would stay zero.
  if (Object.keys(deployedBytecode.immutableReferences ?? {}).length) throw new Error(`${name} has immutables`);
  return {
    contractName: name,
    sourceName: CONTRACTS[name],
    compiler: { version: solc.version(), settings: SETTINGS },
    abi: contract.abi,
    bytecode: `0x${bytecode.object}`,
    deployedBytecode: `0x${deployedBytecode.object}`,
    storageLayout: layout(contract.storageLayout),
  };
}

function main(directory) {
  const contracts = compile();
  fs.mkdirSync(directory, { recursive: true });
  for (const [name, file] of Object.entries(CONTRACTS)) {
    const content = JSON.stringify(artifact(name, contracts[file][name]));
    fs.writeFileSync(path.join(directory, `${name}.json`), `${content}\n`);
  }
}

main(process.argv[2] ?? path.join(__dirname, "..", "artifacts"));
