import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { readConfig } from '../config.ts';
import { Faults } from '../faults.ts';
import { CapcutEngine } from './engine.ts';
import { CapcutMcp } from './mcp.ts';

/** CapCutAPI's MCP server over stdin and stdout: one line after the other, until the input ends. */
const { seed, faultsPath, capcut } = readConfig(process.env);
const faults = new Faults(seed);
if (faultsPath !== undefined) faults.replace(JSON.parse(readFileSync(faultsPath, 'utf8')));
const server = new CapcutMcp(new CapcutEngine(capcut), faults);
process.stderr.write('Starting CapCut API MCP Server\n');
for await (const line of createInterface({ input: process.stdin })) {
  const reply = await server.reply(line);
  if (reply === 'exit') process.exit(1);
  if (reply !== null && reply !== 'silence') process.stdout.write(`${reply}\n`);
}
