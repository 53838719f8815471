import path from 'node:path';
import type { Config } from '../config.ts';
import type { Ports } from './ports.ts';
import type { ProgramSpec } from './program-run.ts';
import { temporalCommand, temporalReady } from './temporal-server.ts';

const GATEWAY_GRACE_MS = 8000;
const WORKER_EXIT_MS = 2000; // beyond what it waits by itself; without work it ends at once
const SANDBOX_GRACE_MS = 2000;
const DATABASE_GRACE_MS = 5000; // rolls back and closes its files: well under a second
const TEMPORAL_GRACE_MS = 6000; // takes about 3 s

/** A stack's programs, in words of what they are; the order they start in is the stack's business. */
export interface Programs {
  temporal: ProgramSpec;
  sandbox: ProgramSpec | null;
  /** Null where DATABASE_URL names a server that others look after. */
  database: ProgramSpec | null;
  worker: ProgramSpec;
  gateway: ProgramSpec;
}

export interface ProgramOptions {
  config: Config;
  ports: Ports;
  temporalCli: string;
  ffmpeg: string;
}

/** Without an Ark key there is nothing real to talk to. */
export function usesSandbox(config: Config): boolean {
  return config.ark.apiKey === null || config.sandbox.wanted;
}

export function programs({ config, ports, temporalCli, ffmpeg }: ProgramOptions): Programs {
  const env = stackEnvironment({ config, ports, temporalCli, ffmpeg });
  const cwd = config.projectDir;
  const node = (module: string) => [process.execPath, path.join(cwd, 'dist', module)];
  const server = { cli: temporalCli, dataDir: config.dataDir, namespace: config.temporal.namespace, ports };
  return {
    temporal: {
      ...{ name: 'temporal', command: temporalCommand(server), cwd, env, graceMs: TEMPORAL_GRACE_MS },
      probe: () => temporalReady(server),
    },
    sandbox: usesSandbox(config)
      ? {
          ...{ name: 'sandbox', command: node('sandbox/main.js'), cwd, env, graceMs: SANDBOX_GRACE_MS },
          readyLine: says('listening'),
        }
      : null,
    database:
      config.databaseUrl === null
        ? {
            ...{ name: 'database', command: node('src/database/main.js'), cwd, env, graceMs: DATABASE_GRACE_MS },
            readyLine: says('listening'),
          }
        : null,
    worker: {
      ...{ name: 'worker', command: node('src/workers/main.js'), cwd, env },
      graceMs: config.workerStopSeconds * 1000 + WORKER_EXIT_MS,
      readyLine: says('ready'),
    },
    gateway: {
      ...{ name: 'gateway', command: node('src/api/main.js'), cwd, graceMs: GATEWAY_GRACE_MS },
      // Only this one: a gateway started beside the stack would find the port taken.
      env: { ...env, MCP_IN_GATEWAY: 'true' },
      readyLine: says('listening'),
    },
  };
}

/** What a process needs in its environment to belong to this stack: ours, and a command a person types beside it. */
export function stackEnvironment({ config, ports, temporalCli, ffmpeg }: ProgramOptions): Record<string, string> {
  const inherited = Object.entries(config.environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return {
    ...Object.fromEntries(inherited),
    DATA_DIR: config.dataDir,
    CACHE_DIR: config.cacheDir,
    CONFIG_DIR: config.configDir,
    GATEWAY_PORT: String(ports.gateway),
    MCP_SERVER_PORT: String(ports.mcp),
    METRICS_PORT: String(ports.metrics),
    TEMPORAL_PORT: String(ports.temporal),
    TEMPORAL_UI_PORT: String(ports.temporalUi),
    SANDBOX_PORT: String(ports.sandbox),
    // The stack's own server, whatever address the person's shell names for other work.
    TEMPORAL_ADDRESS: `127.0.0.1:${ports.temporal}`,
    TEMPORAL_NAMESPACE: config.temporal.namespace,
    TEMPORAL_API_KEY: '',
    TEMPORAL_TLS: 'false',
    TEMPORAL_CLI_PATH: temporalCli,
    FFMPEG_PATH: ffmpeg,
    ...(usesSandbox(config) ? sandboxEnvironment(config, ports) : {}),
  };
}

function sandboxEnvironment(config: Config, ports: Ports): Record<string, string> {
  const url = `http://127.0.0.1:${ports.sandbox}`;
  return {
    MCP_BRIDGE_SANDBOX: 'true',
    ARK_BASE_URL: `${url}/api/v3`,
    ARK_API_KEY: 'sandbox',
    SPEECH_BASE_URL: url,
    SPEECH_API_KEY: 'sandbox',
    ...(config.sandbox.mcp ? { DOUBAO_MCP_URL: `${url}/mcp/doubao` } : {}),
    SANDBOX_LEDGER: config.environment['SANDBOX_LEDGER'] || path.join(config.dataDir, 'sandbox-ledger.jsonl'),
  };
}

/** Our programs say one JSON line when they are there: `{"listening": url}` or `{"ready": true}`. */
function says(word: 'listening' | 'ready') {
  return (line: string): boolean => {
    if (!line.startsWith('{')) return false;
    try {
      return Boolean((JSON.parse(line) as Record<string, unknown>)[word]);
    } catch {
      return false;
    }
  };
}
