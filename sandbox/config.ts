import { z } from 'zod';

const Environment = z.object({
  SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(8100),
  SANDBOX_HOST: z.string().min(1).default('127.0.0.1'),
  SANDBOX_SEED: z.coerce.number().int().default(1),
  SANDBOX_DELAY_SCALE: z.coerce.number().min(0).max(100).default(1),
  SANDBOX_LEDGER: z.string().min(1).optional(),
  SANDBOX_FAULTS: z.string().min(1).optional(),
  SANDBOX_URL_TTL_SECONDS: z.coerce.number().int().min(1).max(604_800).default(86_400),
  SANDBOX_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
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
  ffmpegPath: string | undefined;
}

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
    ffmpegPath: env.FFMPEG_PATH,
  };
}
