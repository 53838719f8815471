import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { EngineOptions } from './capcut/engine.ts';

import type { ArkCallerOptions } from './mcp/ark-caller.ts';

const Environment = z.object({
  SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(8100),
  SANDBOX_HOST: z.string().min(1).default('127.0.0.1'),
  SANDBOX_SEED: z.coerce.number().int().default(1),
  SANDBOX_DELAY_SCALE: z.coerce.number().min(0).max(100).default(1),
  SANDBOX_LEDGER: z.string().min(1).optional(),
  SANDBOX_FAULTS: z.string().min(1).optional(),
  SANDBOX_URL_TTL_SECONDS: z.coerce.number().int().min(1).max(604_800).default(86_400),
  SANDBOX_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  SANDBOX_MCP_HIDDEN_RETRIES: z.coerce.number().int().min(0).max(10).default(2),
  SANDBOX_MEDIA: z.string().min(1).optional(),
  SANDBOX_CAPCUT_HOME: z.string().min(1).optional(),
  SANDBOX_CAPCUT_PROFILE: z.enum(['capcut', 'jianying']).default('capcut'),
  FFMPEG_PATH: z.string().min(1).optional(),
});

/** Of the MCP server as a program of its own: the names are those of seedance-mcp-server. */
const McpEnvironment = Environment.pick({ SANDBOX_DELAY_SCALE: true, SANDBOX_MCP_HIDDEN_RETRIES: true }).extend({
  ARK_API_KEY: z.string().optional(),
  ARK_BASE_URL: z.url().default('http://127.0.0.1:8100/api/v3'),
});

export interface SandboxConfig {
  port: number;
  host: string;
  seed: number;
  delayScale: number;
  ledgerPath: string | undefined;
  faultsPath: string | undefined;
  urlTtlSeconds: number;
  logLevel: string;
  capcut: EngineOptions;
  ffmpegPath: string | undefined;
  mcpHiddenRetries: number;
  mediaPath: string | undefined;
}

/** Where a CapCutAPI server that is told no folder leaves its drafts: beside its own files. */
export const DRAFTS_HOME = path.join(tmpdir(), 'mcp-bridge-sandbox-drafts');

/** The sandbox's only reader of the environment. Every fault in it is reported at once. */
export function readConfig(environment: NodeJS.ProcessEnv): SandboxConfig {
  const env = read(Environment, environment);
  return {
    port: env.SANDBOX_PORT,
    host: env.SANDBOX_HOST,
    seed: env.SANDBOX_SEED,
    delayScale: env.SANDBOX_DELAY_SCALE,
    ledgerPath: env.SANDBOX_LEDGER,
    faultsPath: env.SANDBOX_FAULTS,
    urlTtlSeconds: env.SANDBOX_URL_TTL_SECONDS,
    logLevel: env.SANDBOX_LOG_LEVEL,
    capcut: { home: env.SANDBOX_CAPCUT_HOME ?? DRAFTS_HOME, profile: env.SANDBOX_CAPCUT_PROFILE },
    ffmpegPath: env.FFMPEG_PATH,
    mcpHiddenRetries: env.SANDBOX_MCP_HIDDEN_RETRIES,
    mediaPath: env.SANDBOX_MEDIA,
  };
}

export function readMcpConfig(environment: NodeJS.ProcessEnv): ArkCallerOptions {
  const env = read(McpEnvironment, environment);
  return {
    baseUrl: env.ARK_BASE_URL,
    apiKey: env.ARK_API_KEY ?? null,
    hiddenRetries: env.SANDBOX_MCP_HIDDEN_RETRIES,
    delayScale: env.SANDBOX_DELAY_SCALE,
  };
}

function read<T extends z.ZodType>(schema: T, environment: NodeJS.ProcessEnv): z.infer<T> {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '')));
  if (!parsed.success) throw new Error(`sandbox configuration:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
