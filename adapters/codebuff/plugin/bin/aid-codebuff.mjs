#!/usr/bin/env node
// Owns the first check: whether this Node can run the rest. Must stay readable by any Node.

const OLDEST_NODE = 20;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(`aid-codebuff needs Node.js ${OLDEST_NODE} or newer, and this is ${process.versions.node}\n`);
  process.exit(1);
}
const { main } = await import('../src/main.mjs');
await main(process.argv.slice(2));
