// A supervisor as a process of its own, so that a test can kill it: `supervisor-process.ts <data folder>`.
import { startStack } from '../../src/stack/stack.ts';
import { stackConfig, standIns } from './stand-ins.ts';

const stack = await startStack({
  config: stackConfig(process.argv[2] ?? ''),
  programs: standIns(),
  onEvent: () => {},
});
process.stdout.write(`up ${stack.ports.gateway}\n`);
