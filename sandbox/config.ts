import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { EngineOptions } from './capcut/engine.ts';

const Environment = z.object({
  SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(8100),
  SANDBOX_HOST: z.string().min(1).default('127.0.0.1'),
  SANDBOX_SEED: z.coerce.number().int().default(1),
  SANDBOX_DELAY_SCALE: z.coerce.number().min(0).max(100).default(1),
  SANDBOX_LEDGER: z.string().min(1).optional(),
  SANDBOX_FAULTS: z.string().min(1).optional(),
  SANDBOX_URL_TTL_SECONDS: z.coerce.number().int().min(1).max(604_800).default(86_400),
  SANDBOX_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  SANDBOX_CAPCUT_HOME: z.string().min(1).optional(),
  SANDBOX_CAPCUT_PROFILE: z.enum(['capcut', 'jianying']).default('capcut'),
  FFMPEG_PATH: z.string().min(1).optional(),
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
}

/** Where a CapCutAPI server that is told no folder leaves its drafts: beside its own files. */
export const DRAFTS_HOME = path.join(tmpdir(), 'mcp-bridge-sandbox-drafts');

/** The sandbox's only reader of the environment. Every fault in it is reported at once. */
export function readConfig(environment: NodeJS.ProcessEnv): SandboxConfig {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(set);
  if (!parsed.success) throw new Error(`sandbox configuration:\n${z.prettifyError(parsed.error)}`);
  const env = parsed.data;
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
  };
}
