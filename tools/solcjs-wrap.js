#!/usr/bin/env node
// The compiler that forge runs: npm's solc with the command line of the native one, as far as forge uses it.
// `--version` prints a version, `--standard-json` compiles the JSON on stdin, in which forge has put every source.
"use strict";

const { version } = require("solc/package.json");

function nativeVersion() {
  const fs = require("fs");
  const os = require("os");
  const path = require("path");
  // loading the compiler takes a second, forge asks several times: remember the answer for this version
  const memo = path.join(os.tmpdir(), `solcjs-version-${version}-${process.getuid?.() ?? "user"}`);
  try {
    const text = fs.readFileSync(memo, "utf8");
    if (/^\d+\.\d+\.\d+\+commit\.[0-9a-f]{8}$/.test(text)) return text;
  } catch {}
  const text = require("solc").version().replace(".Emscripten.clang", "");
  try {
    fs.writeFileSync(memo, text);
  } catch {}
  return text;
}

const options = process.argv.slice(2);
if (options.includes("--version")) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${nativeVersion()}.Linux.g++\n`);
} else if (options.includes("--standard-json")) {
  const chunks = [];
  process.stdin.on("data", (chunk) => chunks.push(chunk));
  process.stdin.on("end", () => {
    process.stdout.write(require("solc").compile(Buffer.concat(chunks).toString("utf8")));
  });
} else {
  process.stderr.write("solcjs-wrap: only --version and --standard-json\n");
  process.exit(1);
}
