import { createHmac, randomBytes } from 'node:crypto';
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
import { findEmbeddingEndpoint, type EmbeddingEndpoint } from './domain/embedding-models.ts';
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
/** Words with commas between. */
const list = (fallback = '') =>
  z
    .string()
    .default(fallback)
    .transform((value) =>
      value
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    );
const optional = z
  .string()
  .optional()
  .transform((value) => (value === undefined || value === '' ? null : value));

/** As the Standard Webhooks scheme advises: over about a day and a half. */
const DAY_OF_RETRIES = '5,300,1800,7200,18000,36000,50400';
const PAUSES = 'must be numbers of seconds above 0, 50 at most, with commas between';
const isWebhookSecret = (secret: string): boolean => /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/.test(secret);

/** Every variable the product reads, with its default. `.env.example` is checked against this. */
export const Environment = z.object({
  GATEWAY_HOST: z.string().default('127.0.0.1').describe('Address the gateway listens on.'),
  GATEWAY_PORT: port(8001).describe('HTTP API.'),
  MCP_SERVER_HOST: z.string().default('127.0.0.1').describe('Address the MCP server listens on.'),
  MCP_SERVER_PORT: port(8000).describe('MCP server: Streamable HTTP at /mcp.'),
  MCP_ALLOWED_HOSTS: list().describe(
    'Host names, with commas between, under which the MCP server may be reached beside localhost.',
  ),
  MCP_IN_GATEWAY: flag.describe('The gateway serves MCP too; the one-machine stack sets it.'),
  MCP_BRIDGE_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Gateway that the commands talk to; default: the one on this machine, at GATEWAY_PORT.'),
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
  REDIS_URL: optional.describe(
    'Redis that tells gateways of new events at once; without it they look four times a second.',
  ),
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
  SEGMENT_CACHE_MB: z.coerce
    .number()
    .min(0)
    .default(4096)
    .describe('Encoded segments of films, kept so that only what has changed is encoded again; 0 keeps none.'),
  SEGMENT_CACHE_DAYS: z.coerce
    .number()
    .positive()
    .default(7)
    .describe('Age at which `mcp-bridge prune` removes segments that nobody has used since.'),
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
  ARK_EMBEDDING_MODEL: optional.describe(
    'Embedding model or endpoint id by which similar pictures are found; without it by what is computed here, for nothing.',
  ),
  ARK_EMBEDDING_MODEL_FAMILY: optional.describe(
    'Model that tells how ARK_EMBEDDING_MODEL is asked when that is an `ep-…` id.',
  ),
  ARK_EMBEDDING_SIMILARITY: z.coerce
    .number()
    .gt(0)
    .max(1)
    .default(0.85)
    .describe('Least cosine of two embeddings at which one picture stands in for the other; see docs/degradation.md.'),
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
    .default('orchestration,audio_processing,visual_processing,visual_waiting,capcut,render,webhooks')
    .describe('Task queues this worker serves.'),
  WORKER_STOP_SECONDS: seconds(120).describe(
    'How long a worker that is told to stop waits for paid calls that are under way.',
  ),
  RENDER_SLOTS: z.coerce
    .number()
    .int()
    .positive()
    .optional()
    .describe('Films rendered at once by one worker; default: one for every four cores, as far as memory goes.'),
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
  WEBHOOK_SECRET: list()
    .refine((secrets) => secrets.every(isWebhookSecret), {
      error: 'must be one or more secrets whsec_… (base64 of 24 to 64 bytes), with commas between, the newest first',
    })
    .describe('What webhooks are signed with, the newest first; default: made from the key of this deployment.'),
  WEBHOOK_RETRY_SECONDS: list(DAY_OF_RETRIES)
    .transform((pauses) => pauses.map(Number))
    .pipe(z.array(z.number({ error: PAUSES }).positive({ error: PAUSES })).max(50, { error: PAUSES }))
    .describe(
      'Seconds between attempts at a webhook; after the attempt that follows the last pause it is a dead letter.',
    ),
  WEBHOOK_ALLOW_PRIVATE: flag.describe(
    'Lets webhook_url be http and lead to private addresses: for tests, and receivers on one’s own network.',
  ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Log level.'),
  STATUS_DEADLINE_SECONDS: seconds(1.5).describe('How long a status answer waits for Temporal.'),
  MAX_UPLOAD_MB: z.coerce.number().positive().default(200).describe('Largest upload.'),
  MAX_UPLOADS: z.coerce.number().int().positive().default(1000).describe('Uploads kept of one tenant.'),
  MAX_UPLOADS_TOTAL_MB: z.coerce.number().positive().default(5000).describe('Size of one tenant’s uploads together.'),
  MAX_VIDEOS_UNDER_WAY: z.coerce
    .number()
    .int()
    .min(0)
    // On two cores, with providers that answer at once, these take a minute side by side: half of what the sync point waits.
    .default(120)
    .describe('Videos under way at once; who asks for one more gets 429 and Retry-After. 0: no limit.'),
  LIVE_MAX_CONNECTIONS: z.coerce
    .number()
    .int()
    .positive()
    .max(1_000_000)
    .default(12_000)
    .describe('Event streams and WebSockets that one gateway holds open; more get 503. Each needs a file descriptor.'),
  LIVE_STALL_SECONDS: seconds(60).describe('How long a live client may leave what it was sent unread.'),
  WS_ALLOWED_ORIGINS: optional.describe(
    'Origins, by commas, whose pages may open the WebSocket, beside the gateway’s own: https://app.example.com.',
  ),
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
    /** Of the product, by its package.json. */
    version: productVersion(),
    configDir,
    dataDir,
    redisUrl: e.REDIS_URL,
    s3: s3Settings(e),
    redirectDownloads: e.ASSET_DOWNLOADS === 'redirect',
    assetCacheBytes: e.ASSET_CACHE_MB * 1024 * 1024,
    segmentCacheBytes: e.SEGMENT_CACHE_MB * 1024 * 1024,
    segmentCacheDays: e.SEGMENT_CACHE_DAYS,
    draftsRoot: path.resolve(e.DRAFTS_ROOT ?? path.join(dataDir, 'drafts')),
    cacheDir: path.resolve(e.CACHE_DIR ?? path.join(e.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'mcp-bridge')),
    gatewayHost: e.GATEWAY_HOST,
    metricsHost: e.METRICS_HOST,
    mcp: { host: e.MCP_SERVER_HOST, allowedHosts: e.MCP_ALLOWED_HOSTS, inGateway: e.MCP_IN_GATEWAY },
    publicUrl: e.PUBLIC_URL,
    /** Where commands find a gateway. */
    gatewayUrl: e.MCP_BRIDGE_URL ?? `http://127.0.0.1:${e.GATEWAY_PORT}`,
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
      /** Null: none is bought. */
      embedding: embeddingSettings(e),
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
    workerStopSeconds: e.WORKER_STOP_SECONDS,
    renderSlots: e.RENDER_SLOTS ?? null,
    renderStallMs: e.RENDER_STALL_SECONDS * 1000,
    secret: e.MCP_BRIDGE_SECRET,
    idempotencyKeyDays: e.IDEMPOTENCY_KEY_DAYS,
    webhooks: {
      secrets: e.WEBHOOK_SECRET,
      retrySeconds: e.WEBHOOK_RETRY_SECONDS,
      allowPrivate: e.WEBHOOK_ALLOW_PRIVATE,
    },
    logLevel: e.LOG_LEVEL,
    statusDeadlineMs: e.STATUS_DEADLINE_SECONDS * 1000,
    maxUploadBytes: e.MAX_UPLOAD_MB * 1024 * 1024,
    uploadLimits: { maxCount: e.MAX_UPLOADS, maxTotalBytes: e.MAX_UPLOADS_TOTAL_MB * 1024 * 1024 },
    maxVideosUnderWay: e.MAX_VIDEOS_UNDER_WAY,
    retentionDays: e.RETENTION_DAYS,
    live: {
      maxConnections: e.LIVE_MAX_CONNECTIONS,
      stallMs: e.LIVE_STALL_SECONDS * 1000,
      allowedOrigins: (e.WS_ALLOWED_ORIGINS ?? '').split(',').flatMap((origin) => {
        const trimmed = origin.trim().replace(/\/+$/, '').toLowerCase();
        return trimmed === '' ? [] : [trimmed];
      }),
    },
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

const productVersion = (): string =>
  (JSON.parse(readFileSync(path.join(projectDir, 'package.json'), 'utf8')) as { version: string }).version;

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

/** Null: none is configured. */
function embeddingSettings(
  e: z.infer<typeof Environment>,
): { model: string; endpoint: EmbeddingEndpoint; similarEnough: number } | null {
  const { ARK_EMBEDDING_MODEL: model, ARK_EMBEDDING_MODEL_FAMILY: family } = e;
  if (model === null) return null;
  const endpoint = findEmbeddingEndpoint(model, { family });
  if (endpoint === undefined)
    throw new ConfigError(
      `ARK_EMBEDDING_MODEL: no embedding model is known under ${JSON.stringify(model)}: set another, or ARK_EMBEDDING_MODEL_FAMILY to the model behind it.`,
    );
  return { model, endpoint, similarEnough: e.ARK_EMBEDDING_SIMILARITY };
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

/** What webhooks are signed with, the newest first. Without any of one's own, it follows from the deployment's key. */
export function loadWebhookSecrets(config: Pick<Config, 'webhooks' | 'secret' | 'dataDir'>): string[] {
  if (config.webhooks.secrets.length > 0) return config.webhooks.secrets;
  return [`whsec_${createHmac('sha256', loadSecret(config)).update('webhooks').digest('base64')}`];
}

/** Where the gateway of this configuration is reached from this machine, or by everybody where PUBLIC_URL says so. */
export function gatewayUrlOf({ publicUrl, gatewayHost, ports }: Config): string {
  if (publicUrl !== null) return publicUrl.replace(/\/+$/, '');
  const host = gatewayHost === '0.0.0.0' || gatewayHost === '::' ? '127.0.0.1' : gatewayHost;
  return `http://${host.includes(':') ? `[${host}]` : host}:${ports.gateway}`;
}
