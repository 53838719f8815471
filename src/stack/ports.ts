import { createServer } from 'node:net';
import path from 'node:path';
import type { Config } from '../config.ts';
import { type PidLock, tryPidLock } from '../tools/install-lock.ts';
import { StackError } from './events.ts';

/** The ports a one-machine stack opens, and the variable that moves each. */
export const PORT_VARIABLES = {
  gateway: 'GATEWAY_PORT',
  mcp: 'MCP_SERVER_PORT',
  metrics: 'METRICS_PORT',
  temporal: 'TEMPORAL_PORT',
  temporalUi: 'TEMPORAL_UI_PORT',
  sandbox: 'SANDBOX_PORT',
} as const;

export type PortName = keyof typeof PORT_VARIABLES;
export type Ports = Record<PortName, number>;

const SEARCH_WIDTH = 500; // ports looked at from the wished one upwards
const ANY_FROM = 20_000; // where a port asked for as 0 comes from: below the range that outgoing connections take theirs of
const ANY_WIDTH = 10_000;

export interface Reservation {
  ports: Ports;
  release(): void;
}

/**
 * Picks the stack's ports and keeps other stacks of this user off them until they are released. A taken port is
 * refused, naming its variable; with `movable`, one that nobody asked for by variable moves to the next free one.
 */
export async function reservePorts(config: Config, { movable }: { movable: boolean }): Promise<Reservation> {
  const locks: PidLock[] = [];
  const release = () => locks.splice(0).forEach((lock) => lock.release());
  const ports: Partial<Ports> = {};
  const taken: PortName[] = [];
  for (const name of Object.keys(PORT_VARIABLES) as PortName[]) {
    const found = await firstFree(candidates(config, name, movable), config);
    if (found === null) taken.push(name);
    else {
      ports[name] = found.port;
      locks.push(found.lock);
    }
  }
  if (taken.length > 0) {
    const refusals: string[] = [];
    // Only now, and each kept until all are found: what is suggested is free, and asked for by nobody else here.
    for (const name of taken) {
      const other = await firstFree(suggestions(config.ports[name]), config);
      if (other !== null) locks.push(other.lock);
      refusals.push(refusal(config.ports[name], PORT_VARIABLES[name], other?.port));
    }
    release();
    throw new StackError(refusals.join('\n'));
  }
  return { ports: ports as Ports, release };
}

function candidates(config: Config, name: PortName, movable: boolean): { from: number; count: number } {
  const wished = config.ports[name];
  if (wished === 0) return { from: ANY_FROM + Math.floor(Math.random() * ANY_WIDTH), count: SEARCH_WIDTH };
  const asked = (config.environment[PORT_VARIABLES[name]] ?? '') !== '';
  return { from: wished, count: movable && !asked ? SEARCH_WIDTH : 1 };
}

async function firstFree({ from, count }: { from: number; count: number }, config: Config) {
  for (let port = from; port < Math.min(from + count, 65_536); port += 1) {
    const lock = tryPidLock(path.join(config.cacheDir, 'ports', `${port}.lock`));
    if ('heldBy' in lock) continue;
    if ((await isFree(port, '127.0.0.1')) && (await isFree(port, config.gatewayHost))) return { port, lock };
    lock.release();
  }
  return null;
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** From a thousand above, where nobody forgets which it was. */
function suggestions(taken: number): { from: number; count: number } {
  const from = taken + 1000;
  return { from: from > 65_535 ? ANY_FROM : from, count: SEARCH_WIDTH };
}

function refusal(port: number, variable: string, free: number | undefined): string {
  const such = free === undefined ? '' : `, such as ${variable}=${free}`;
  return `Port ${port} is taken. Stop what uses it, or choose another with ${variable}${such}.`;
}
