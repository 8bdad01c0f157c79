#!/usr/bin/env node
// solc on the command line, as forge and build.js call it: standard JSON in, standard JSON out.
// The compiler is the npm package `solc` (the official build as WebAssembly), so no native binary is needed.
"use strict";

const fs = require("node:fs");
const solc = require("solc");

if (process.argv.includes("--version")) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else {
  process.stdout.write(solc.compile(fs.readFileSync(0, "utf8")));
}
