import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import {
  ChannelsFile,
  CircuitBreakerFile,
  ErrorHandlingFile,
  LabellingFile,
  ParallelFile,
  PricesFile,
  StoryboardFile,
  type ChannelSettings,
} from './domain/config-files.ts';
import { findClipModel } from './domain/clip-models.ts';
import { withVariables } from './domain/with-variables.ts';
import type { S3Settings } from './store/s3-client.ts';

/** The project's folder: where config/, assets/ and package.json lie. Found by walking up, so that src/ and dist/ both work. */
const projectDir = ((): string => {
  let dir = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(dir, 'package.json'))) dir = path.dirname(dir);
  return dir;
})();

const port = (fallback: number) => {
  const error = `must be a port: a whole number from 0 to 65535, such as ${fallback}; 0 takes any that is free`;
  return z.coerce.number({ error }).int({ error }).min(0, { error }).max(65535, { error }).default(fallback);
};
const flag = z
  .enum(['true', 'false', '1', '0', ''])
  .default('false')
  .transform((value) => value === 'true' || value === '1');
const seconds = (fallback: number) => z.coerce.number().positive().default(fallback);
const channelUrl = z.url({ protocol: /^https?$/ }).optional();
const optional = z
  .string()
  .optional()
  .transform((value) => (value === undefined || value === '' ? null : value));

/** Every variable the product reads, with its default. `.env.example` is checked against this. */
export const Environment = z.object({
  GATEWAY_HOST: z.string().default('127.0.0.1').describe('Address the gateway listens on.'),
  GATEWAY_PORT: port(8001).describe('HTTP API.'),
  MCP_SERVER_PORT: port(8000).describe('MCP server (not built yet).'),
  METRICS_HOST: z.string().default('127.0.0.1').describe('Address the worker’s metrics are served on.'),
  METRICS_PORT: port(9090).describe('Metrics of the worker process.'),
  TEMPORAL_PORT: port(7233).describe('Temporal dev server of the one-machine stack.'),
  TEMPORAL_UI_PORT: port(8233).describe('Temporal Web UI of the one-machine stack.'),
  SANDBOX_PORT: port(8100).describe('Sandbox of the one-machine stack.'),
  PUBLIC_URL: optional.describe('Base of the URLs in answers; default: the gateway’s own address.'),

  DATA_DIR: z
    .string()
    .default('.mcp-bridge')
    .describe('Where films, assets, ledger and the dev server’s database live.'),
  DATABASE_URL: optional
    .refine((url) => url === null || /^postgres(ql)?:\/\//.test(url), {
      error: 'must be a PostgreSQL URL: postgresql://user:password@host:5432/database',
    })
    .describe('PostgreSQL with pgvector; default: an embedded database in DATA_DIR.'),
  REDIS_URL: optional.describe('Redis that tells gateways of new events at once; without it they look twice a second.'),
  S3_BUCKET: optional.describe('Bucket of an S3-compatible store for the assets; default: a folder in DATA_DIR.'),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Endpoint of the S3-compatible store; default: AWS in S3_REGION.'),
  S3_PUBLIC_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('The same store as clients reach it, for redirects; default: S3_ENDPOINT.'),
  S3_REGION: z.string().default('us-east-1').describe('Region of the bucket.'),
  S3_PREFIX: optional.describe('Before every key in the bucket, such as `mcp-bridge/`.'),
  S3_ACCESS_KEY_ID: optional.describe('Key of the object store; default: what the AWS SDK finds, such as a role.'),
  S3_SECRET_ACCESS_KEY: optional.describe('Secret of the object store’s key.'),
  S3_FORCE_PATH_STYLE: flag.describe('Bucket in the path instead of the host name: MinIO wants it.'),
  S3_TIMEOUT_SECONDS: seconds(10).describe('How long the object store may be silent.'),
  S3_PRESIGN_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(604_800)
    .default(900)
    .describe('How long a redirect to the object store works.'),
  ASSET_DOWNLOADS: z
    .enum(['stream', 'redirect'])
    .default('stream')
    .describe('Bytes of an object store: through the gateway, or by redirect to a temporary URL.'),
  ASSET_CACHE_MB: z.coerce.number().positive().default(2048).describe('Local copies of what lies in an object store.'),
  DRAFTS_ROOT: optional.describe('Folder of CapCut/JianYing drafts; default: drafts/ in DATA_DIR.'),
  CACHE_DIR: optional.describe('Where tools are kept; default: the per-user cache folder.'),
  XDG_CACHE_HOME: optional.describe('The per-user cache folder, by the XDG convention.'),
  CONFIG_DIR: optional.describe('Folder of the YAML files; default: config/ of the project.'),
  TEMPORAL_CLI_PATH: optional.describe('A Temporal CLI to use instead of finding one.'),
  FFMPEG_PATH: optional.describe('An ffmpeg to use instead of finding one.'),

  TEMPORAL_ADDRESS: optional.describe('Temporal frontend; default: the dev server’s port on this machine.'),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('Temporal namespace.'),
  TEMPORAL_API_KEY: optional.describe('API key for Temporal; turns TLS on.'),
  TEMPORAL_TLS: flag.describe('TLS to Temporal with the system’s authorities.'),
  PAYLOAD_CODEC_MODULE: optional.describe('Module whose default export is a list of Temporal payload codecs.'),

  ARK_API_KEY: optional.describe('Volcengine Ark key. Without it the one-machine stack uses the sandbox.'),
  ARK_BASE_URL: z.url().default('https://ark.cn-beijing.volces.com/api/v3').describe('Ark endpoint.'),
  ARK_CHAT_MODEL: z
    .string()
    .default('doubao-seed-2-0-lite-260428')
    .describe('Model or endpoint id that writes scripts.'),
  ARK_IMAGE_MODEL: z.string().default('doubao-seedream-4-0-250828').describe('Model or endpoint id that makes stills.'),
  ARK_IMAGE_MODEL_FAMILY: optional.describe('Model whose limits apply when ARK_IMAGE_MODEL is an `ep-…` id.'),
  ARK_VIDEO_MODEL: z
    .string()
    .default('doubao-seedance-1-0-pro-250528')
    .describe('Model or endpoint id that makes clips.'),
  ARK_VIDEO_MODEL_FAMILY: optional.describe('Model whose limits apply when ARK_VIDEO_MODEL is an `ep-…` id.'),
  SPEECH_BASE_URL: z.url().default('https://openspeech.bytedance.com').describe('Doubao Speech endpoint.'),
  SPEECH_API_KEY: optional.describe('Doubao Speech key (new console).'),
  SPEECH_APP_ID: optional.describe('Doubao Speech app id (old console).'),
  SPEECH_ACCESS_TOKEN: optional.describe('Doubao Speech access token (old console).'),
  SPEECH_API: z.enum(['auto', 'v1', 'v3']).default('auto').describe('Which speech API to speak.'),
  DOUBAO_MCP_URL: channelUrl.describe(
    'MCP server with Doubao’s tools, over Streamable HTTP; see channels_config.yaml.',
  ),
  CAPCUT_MCP_URL: channelUrl.describe('MCP server of CapCutAPI, over Streamable HTTP; see channels_config.yaml.'),
  CAPCUT_HTTP_URL: channelUrl.describe('HTTP server of CapCutAPI, such as http://127.0.0.1:9001.'),
  MCP_BRIDGE_SANDBOX: flag.describe('Set by the stack when the providers are the sandbox: marks results as such.'),
  SANDBOX: flag.describe('Use the sandbox although keys are set.'),
  SANDBOX_SEED: z.coerce.number().int().default(1).describe('Seed of everything the sandbox makes.'),
  SANDBOX_DELAY_SCALE: z.coerce
    .number()
    .min(0)
    .default(1)
    .describe('Scales the sandbox’s delays; 1 is like the real providers.'),
  SANDBOX_MCP: flag.describe('The one-machine stack’s sandbox sells pictures over its MCP server, too.'),
  SANDBOX_FAULTS: optional.describe('Fault script of the sandbox (JSON file).'),

  WORKER_QUEUES: z
    .string()
    .default('orchestration,audio_processing,visual_processing,visual_waiting,capcut,render')
    .describe('Task queues this worker serves.'),
  RENDER_SLOTS: z.coerce.number().int().positive().default(1).describe('Films rendered at once by one worker.'),
  RENDER_STALL_SECONDS: seconds(10).describe(
    'An ffmpeg of a render that gets no further for this long is ended; tried again.',
  ),
  MCP_BRIDGE_SECRET: optional.describe('Key of idempotency ids; default: a file made in DATA_DIR.'),
  IDEMPOTENCY_KEY_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(30)
    .describe('How long an Idempotency-Key names its video.'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Log level.'),
  STATUS_DEADLINE_SECONDS: seconds(1.5).describe('How long a status answer waits for Temporal.'),
  MAX_UPLOAD_MB: z.coerce.number().positive().default(200).describe('Largest upload.'),
  MAX_UPLOADS: z.coerce.number().int().positive().default(1000).describe('Uploads kept of one tenant.'),
  MAX_UPLOADS_TOTAL_MB: z.coerce.number().positive().default(5000).describe('Size of one tenant’s uploads together.'),
  RETENTION_DAYS: z.coerce
    .number()
    .min(0)
    .default(0)
    .describe(
      'Age at which `mcp-bridge prune` removes videos, their parts and drafts; gateways want the same value; 0 keeps them for ever.',
    ),
});

const CHANNELS_FILE = 'channels_config.yaml';

export type Config = ReturnType<typeof loadConfig>;

/** A configuration that cannot be used, with every fault in one message. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the environment and the YAML files once, checks all of it, and returns one frozen value.
 * @throws ConfigError naming every wrong variable and field.
 */
export function loadConfig(env: Record<string, string | undefined> = process.env) {
  const parsed = Environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path: at, message }) => `  ${at.join('.')}: ${message}`);
    throw new ConfigError(['These environment variables cannot be used:', ...new Set(faults)].join('\n'));
  }
  const e = parsed.data;
  const configDir = path.resolve(e.CONFIG_DIR ?? path.join(projectDir, 'config'));
  const dataDir = path.resolve(e.DATA_DIR);
  const clips = findClipModel(e.ARK_VIDEO_MODEL, { family: e.ARK_VIDEO_MODEL_FAMILY });
  if (clips?.takesText !== true)
    throw new ConfigError(
      `ARK_VIDEO_MODEL: no model is known under ${JSON.stringify(e.ARK_VIDEO_MODEL)} that makes clips from words: set another, or ARK_VIDEO_MODEL_FAMILY to the model behind it.`,
    );
  const speech =
    e.SPEECH_API_KEY !== null
      ? { apiKey: e.SPEECH_API_KEY }
      : e.SPEECH_APP_ID !== null && e.SPEECH_ACCESS_TOKEN !== null
        ? { appId: e.SPEECH_APP_ID, accessToken: e.SPEECH_ACCESS_TOKEN }
        : null;
  return Object.freeze({
    projectDir,
    configDir,
    dataDir,
    redisUrl: e.REDIS_URL,
    s3: s3Settings(e),
    redirectDownloads: e.ASSET_DOWNLOADS === 'redirect',
    assetCacheBytes: e.ASSET_CACHE_MB * 1024 * 1024,
    draftsRoot: path.resolve(e.DRAFTS_ROOT ?? path.join(dataDir, 'drafts')),
    cacheDir: path.resolve(e.CACHE_DIR ?? path.join(e.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'mcp-bridge')),
    gatewayHost: e.GATEWAY_HOST,
    metricsHost: e.METRICS_HOST,
    publicUrl: e.PUBLIC_URL,
    /** Null: the embedded database of `dataDir`. Holds a password. */
    databaseUrl: e.DATABASE_URL,
    ports: {
      gateway: e.GATEWAY_PORT,
      mcp: e.MCP_SERVER_PORT,
      metrics: e.METRICS_PORT,
      temporal: e.TEMPORAL_PORT,
      temporalUi: e.TEMPORAL_UI_PORT,
      sandbox: e.SANDBOX_PORT,
    },
    tools: { temporalCliPath: e.TEMPORAL_CLI_PATH, ffmpegPath: e.FFMPEG_PATH },
    temporal: {
      address: e.TEMPORAL_ADDRESS ?? `127.0.0.1:${e.TEMPORAL_PORT}`,
      namespace: e.TEMPORAL_NAMESPACE,
      apiKey: e.TEMPORAL_API_KEY,
      tls: e.TEMPORAL_TLS,
      payloadCodecModule: e.PAYLOAD_CODEC_MODULE,
    },
    ark: {
      baseUrl: e.ARK_BASE_URL,
      apiKey: e.ARK_API_KEY,
      chatModel: e.ARK_CHAT_MODEL,
      imageModel: e.ARK_IMAGE_MODEL,
      imageModelFamily: e.ARK_IMAGE_MODEL_FAMILY,
      videoModel: e.ARK_VIDEO_MODEL,
      videoModelFamily: e.ARK_VIDEO_MODEL_FAMILY,
    },
    speech: { baseUrl: e.SPEECH_BASE_URL, credentials: speech, api: e.SPEECH_API },
    channels: channelSettings(e, configDir, env),
    /** True when the providers behind the base URLs are the sandbox: results say so. */
    sandboxed: e.MCP_BRIDGE_SANDBOX,
    sandbox: {
      wanted: e.SANDBOX,
      seed: e.SANDBOX_SEED,
      delayScale: e.SANDBOX_DELAY_SCALE,
      faultsPath: e.SANDBOX_FAULTS,
      mcp: e.SANDBOX_MCP,
    },
    workerQueues: e.WORKER_QUEUES.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    renderSlots: e.RENDER_SLOTS,
    renderStallMs: e.RENDER_STALL_SECONDS * 1000,
    secret: e.MCP_BRIDGE_SECRET,
    idempotencyKeyDays: e.IDEMPOTENCY_KEY_DAYS,
    logLevel: e.LOG_LEVEL,
    statusDeadlineMs: e.STATUS_DEADLINE_SECONDS * 1000,
    maxUploadBytes: e.MAX_UPLOAD_MB * 1024 * 1024,
    uploadLimits: { maxCount: e.MAX_UPLOADS, maxTotalBytes: e.MAX_UPLOADS_TOTAL_MB * 1024 * 1024 },
    retentionDays: e.RETENTION_DAYS,
    parallel: readYaml(configDir, 'parallel_config.yaml', ParallelFile).parallel_processing,
    errorHandling: readYaml(configDir, 'error_handling_config.yaml', ErrorHandlingFile).error_handling,
    circuitBreakers: readYaml(configDir, 'circuit_breaker_config.yaml', CircuitBreakerFile).circuit_breaker,
    prices: readYaml(configDir, 'prices.yaml', PricesFile).prices,
    labelling: readYaml(configDir, 'labelling_config.yaml', LabellingFile).labelling,
    storyboard: readYaml(configDir, 'storyboard_config.yaml', StoryboardFile).storyboard,
    /** What the process was started with: a supervisor hands it on to its children. */
    environment: env,
  });
}

/** The file's channels; an address in the environment takes the place of what it names. */
function channelSettings(
  e: z.infer<typeof Environment>,
  configDir: string,
  env: Record<string, string | undefined>,
): ChannelSettings {
  // A server for Ark is to ask where we ask, the sandbox included.
  const known = { ...env, ARK_BASE_URL: e.ARK_BASE_URL };
  const channels = withVariables(readYaml(configDir, CHANNELS_FILE, ChannelsFile).channels, known, (name) => {
    throw new ConfigError(`${CHANNELS_FILE}: the variable ${name} is not set`);
  });
  const at = <T>(url: string | undefined, otherwise: T) => (url === undefined ? otherwise : { url, headers: {} });
  return {
    doubao: { ...channels.doubao, mcp: at(e.DOUBAO_MCP_URL, channels.doubao.mcp) },
    capcut: {
      ...channels.capcut,
      ...{ mcp: at(e.CAPCUT_MCP_URL, channels.capcut.mcp), http: at(e.CAPCUT_HTTP_URL, channels.capcut.http) },
    },
  };
}

/** Null: no object store is configured. */
function s3Settings(e: z.infer<typeof Environment>): S3Settings | null {
  const { S3_BUCKET: bucket, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = e;
  if (bucket === null) {
    if (e.S3_ENDPOINT !== undefined) throw new ConfigError('S3_ENDPOINT is set and S3_BUCKET is not: name the bucket.');
    return null;
  }
  if ((accessKeyId === null) !== (secretAccessKey === null))
    throw new ConfigError('S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY belong together: set both, or neither.');
  return {
    bucket,
    endpoint: e.S3_ENDPOINT ?? null,
    publicEndpoint: e.S3_PUBLIC_ENDPOINT ?? null,
    region: e.S3_REGION,
    prefix: e.S3_PREFIX === null ? '' : e.S3_PREFIX.replace(/^\/+|\/*$/g, '') + '/',
    credentials: accessKeyId === null || secretAccessKey === null ? null : { accessKeyId, secretAccessKey },
    forcePathStyle: e.S3_FORCE_PATH_STYLE,
    timeoutMs: e.S3_TIMEOUT_SECONDS * 1000,
    presignSeconds: e.S3_PRESIGN_SECONDS,
  };
}

function readYaml<T extends z.ZodType>(dir: string, name: string, schema: T): z.infer<T> {
  const file = path.join(dir, name);
  let content: unknown;
  try {
    content = parseYaml(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(
      `${name}: cannot be read (${error instanceof Error ? error.message.split('\n')[0] : 'unknown'})`,
    );
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw new ConfigError(`${name}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The key of idempotency ids: from the environment, else a file that every process on this folder shares. */
export function loadSecret(config: Pick<Config, 'secret' | 'dataDir'>): string {
  if (config.secret !== null) return config.secret;
  const file = path.join(config.dataDir, 'secret');
  mkdirSync(config.dataDir, { recursive: true });
  try {
    // Exclusive creation: of two processes starting at once, one writes and both read the same.
    writeFileSync(file, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8');
}
