import { createInterface } from 'node:readline';

import { JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';

import { readMcpConfig } from '../config.ts';
import type { Fault } from '../faults.ts';
import { ArkCaller } from './ark-caller.ts';
import { openSession } from './session.ts';

// Doubao's tools over stdin and stdout, as seedance-mcp-server serves them: it ends when its input does.

const config = readMcpConfig(process.env);
const session = await openSession({ ark: new ArkCaller(config), nextFault });

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSONRPCMessageSchema.safeParse(parsed(line));
  if (message.success)
    void session.handle(message.data).then((reply) => {
      if (reply === 'death') process.kill(process.pid, 'SIGKILL');
      else if (reply !== 'silence') process.stdout.write(`${reply.send}\n`);
    });
}
process.exit(0);

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The sandbox's own script, where it is the sandbox that is asked: its counters outlive this process. */
async function nextFault(text: string): Promise<Fault | undefined> {
  const at = new URL('/__sandbox/faults/next', config.baseUrl);
  try {
    const response = await fetch(at, { method: 'POST', body: JSON.stringify({ route: 'mcp', text, via: 'mcp' }) });
    return response.ok ? (((await response.json()) as { fault: Fault | null }).fault ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}
