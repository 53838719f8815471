import { after, before } from 'node:test';
import type { FaultRule } from '../../../sandbox/faults.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../sandbox/server.ts';
import type { CommandChannel } from '../../../src/domain/config-files.ts';
import { createCapcutHttp } from '../../../src/providers/capcut/http.ts';
import type { Capcut } from '../../../src/providers/capcut/interfaces.ts';
import { createCapcutMcp } from '../../../src/providers/capcut/mcp.ts';
import { writeCapcutFolder } from '../../../src/providers/capcut/write-draft.ts';
import { createPool, type ServicePool } from '../../../src/providers/pool.ts';
import type { Timeline } from '../../../src/timeline/timeline.ts';
import { builtProgram } from '../../built-program.ts';
import { CREATED_AT_MS, type Studio } from '../studio.ts';

export const LIMITS = { maxConnections: 8, connectionTimeoutMs: 20_000, readTimeoutMs: 20_000 };

const MCP_SERVER = builtProgram('sandbox/capcut/main.js');

/** The sandbox's MCP server by command; `faults` is the file of a fault script. */
export const mcpCommand = (env: Record<string, string> = {}): CommandChannel => ({
  command: process.execPath,
  args: [MCP_SERVER],
  env,
});

/** Both ways to CapCutAPI, each a server of its own. */
export class CapcutServers {
  url = '';
  pool!: ServicePool;

  http(url = this.url): Capcut {
    return createCapcutHttp({ channel: { url, headers: {} }, pool: this.pool });
  }

  mcp(
    channel: CommandChannel | { url: string; headers: Record<string, string> } = mcpCommand(),
    limits = LIMITS,
  ): Capcut {
    return createCapcutMcp({ channel, pool: this.pool, limits, launcher: [] });
  }

  async faults(rules: FaultRule[]): Promise<void> {
    const response = await fetch(`${this.url}/__sandbox/faults`, { method: 'PUT', body: JSON.stringify(rules) });
    if (!response.ok) throw new Error(await response.text());
  }

  /** What the HTTP server was asked for, in order. */
  async arrived(): Promise<number> {
    const ledger = (await (await fetch(`${this.url}/__sandbox/ledger`)).json()) as { arrived: { route: string }[] };
    return ledger.arrived.filter(({ route }) => route === 'capcut').length;
  }
}

export function useServers(options: SandboxOptions = {}): CapcutServers {
  const servers = new CapcutServers();
  let sandbox: Sandbox | undefined;
  before(async () => {
    sandbox = await startSandbox({ delayScale: 0, ...options });
    servers.url = sandbox.url;
    servers.pool = createPool(LIMITS);
  });
  after(async () => {
    await servers.pool.agent.destroy();
    await sandbox?.close();
  });
  return servers;
}

let drafts = 0;

/** The draft of a Timeline, made over a server in the studio's folder of drafts. Gives its folder. */
export async function draftOver(
  capcut: Capcut,
  timeline: Timeline,
  {
    studio,
    signal = new AbortController().signal,
    videoId = `c${++drafts}`,
  }: { studio: Studio; signal?: AbortSignal; videoId?: string },
): Promise<string> {
  const { folder } = await writeCapcutFolder(
    {
      ...{ videoId, timeline, draftsRoot: studio.draftsRoot, createdAtMs: CREATED_AT_MS },
      ...{ assetPath: studio.assets.path, ffmpeg: studio.ffmpeg, signal, capcut },
      sight: { draftsRoot: studio.draftsRoot, sourceOf: (file) => Promise.resolve(file) },
    },
    () => Promise.resolve(),
  );
  return folder;
}
