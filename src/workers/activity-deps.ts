import path from 'node:path';
import type { DraftDeps } from '../activities/deps.ts';
import type { ActivityDeps } from '../activities/index.ts';
import { UNGUARDED, type Guard } from '../breakers/breakers.ts';
import type { AssetShop } from '../channels/buy-asset.ts';
import { ConfigError, gatewayUrlOf, loadWebhookSecrets, type Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import type { AssetPurpose } from '../domain/service.ts';
import { importFolder } from '../ledger/import-folder.ts';
import { PurchaseDesk } from '../ledger/purchase-desk.ts';
import { SqlPurchaseStore } from '../ledger/sql-purchase-store.ts';
import type { Logger } from '../log.ts';
import { createArk } from '../providers/doubao/ark.ts';
import { findClipModel } from '../domain/clip-models.ts';
import { createDoubaoMcp, PROVIDER as DOUBAO_MCP } from '../providers/doubao/mcp/doubao-mcp.ts';
import type { AssetProvider } from '../providers/doubao/interfaces.ts';
import { createSpeech } from '../providers/doubao/speech.ts';
import { download } from '../providers/download.ts';
import { McpConnection } from '../providers/mcp/connection.ts';
import { createPool, limitsOf } from '../providers/pool.ts';
import { checkFonts } from '../render/fonts.ts';
import { openAssetStore, openSegmentStore } from '../store/open-asset-store.ts';
import { StillCatalogue } from '../store/still-catalogue.ts';
import { WebhookDesk, type WebhookDeskOptions } from '../webhooks/desk.ts';
import { diesWithParent } from '../tools/dies-with-parent.ts';
import { findFfmpeg } from '../tools/ffmpeg.ts';
import { readPrompts } from '../read-prompts.ts';
import { createCapcutDeps } from './capcut-deps.ts';

/** The largest still a provider gives (4K JPEG) is well under this. */
const MAX_STILL_BYTES = 40 * 1024 * 1024;

/** Half a minute at the highest rate that a provider encodes with is well under this. */
const MAX_CLIP_BYTES = 200 * 1024 * 1024;

interface Surroundings {
  guard: Guard;
  /** Told when another channel than the first has served. */
  onFallback: AssetShop['onFallback'];
  /** Told when a draft was not made the way it should have been. */
  onDraftFallback: DraftDeps['onFallback'];
  /** Told of each attempt at a receiver of webhooks. */
  onWebhook: NonNullable<WebhookDeskOptions['onAttempt']>;
}

/** Builds what activities work with. @throws ConfigError when a key is missing or a prompt file is broken, ffmpeg_missing and font_missing when a film could not be made. */
export async function createActivityDeps(
  config: Config,
  log: Logger,
  database: Database,
  {
    guard = UNGUARDED,
    onFallback = () => {},
    onDraftFallback = () => {},
    onWebhook = () => {},
  }: Partial<Surroundings> = {},
): Promise<ActivityDeps> {
  const { ark, speech } = config;
  if (ark.apiKey === null) throw new ConfigError('ARK_API_KEY is not set: set it, or run the sandbox (npm start does)');
  if (speech.credentials === null) {
    throw new ConfigError('SPEECH_API_KEY (or SPEECH_APP_ID with SPEECH_ACCESS_TOKEN) is not set');
  }
  const prompts = readPrompts(config.configDir);
  checkFonts();
  const ffmpeg = await findFfmpeg({
    explicitPath: config.tools.ffmpegPath,
    cacheDir: config.cacheDir,
    onNote: (note) => log.info(note),
  });
  const assets = await openAssetStore(config);
  // Only a provider that is configured on this machine (the sandbox) may point back to it.
  const allowedHosts = config.sandboxed ? [new URL(ark.baseUrl).host] : [];
  // One for Ark and speech: where one host serves both, it sees no more connections than the file says.
  const doubao = createPool(limitsOf(config.parallel.resource_pools.doubao_api));
  const overHttp = createArk({ ...ark, apiKey: ark.apiKey, ...familiesOf(ark), pool: doubao });
  const launcher = await diesWithParent();
  const mcp = openDoubaoMcp(config, log, launcher);
  const overMcp = (purpose: AssetPurpose) =>
    mcp !== null && config.channels.doubao.mcp_serves.includes(purpose) ? { mcp_channel: mcp.provider } : {};
  const desk = new PurchaseDesk(purchaseStore(config, log, database), guard, () => assets.checkRoom());
  return {
    ark: overHttp,
    speech: createSpeech({ ...speech, credentials: speech.credentials, pool: doubao }),
    assets,
    segments: await openSegmentStore(config),
    stills: new StillCatalogue(database, assets),
    desk,
    shop: { desk, strategy: config.errorHandling.fallback_strategies.asset_generation, onFallback },
    ways: {
      still: { http_channel: overHttp, ...overMcp('still') },
      clip: { http_channel: overHttp, ...overMcp('clip') },
    },
    close: async () => mcp?.connection.close(),
    prices: config.prices,
    labelling: config.labelling,
    models: { chat: ark.chatModel, image: ark.imageModel, video: ark.videoModel, ...familiesOf(ark) },
    embedding: ark.embedding,
    clipPollMs: config.parallel.visual_branch.clip_poll_seconds * 1000,
    downloadImage: (url) =>
      download(url, {
        maxBytes: MAX_STILL_BYTES,
        timeoutMs: 30_000,
        idleTimeoutMs: 10_000,
        accept: ['jpeg', 'png', 'webp'],
        allowedHosts,
      }),
    downloadClip: (url) =>
      download(url, {
        ...{ maxBytes: MAX_CLIP_BYTES, timeoutMs: 120_000, idleTimeoutMs: 10_000, accept: ['mp4'], allowedHosts },
      }),
    prompts,
    critic: config.storyboard.critic,
    ffmpeg: ffmpeg.path,
    renderStallMs: config.renderStallMs,
    workDir: path.join(config.dataDir, 'work'),
    draftsRoot: config.draftsRoot,
    drafts: createCapcutDeps(config, { assets, guard, onFallback: onDraftFallback, launcher }),
    webhooks: new WebhookDesk({
      database,
      ...{ secrets: loadWebhookSecrets(config), gatewayUrl: gatewayUrlOf(config) },
      allowPrivate: config.webhooks.allowPrivate,
      onAttempt: onWebhook,
    }),
    sandboxed: config.sandboxed,
  };
}

/** Null where none is configured. Nothing is started or connected to before something is bought over it. */
function openDoubaoMcp(
  { channels, ark, parallel }: Config,
  log: Logger,
  launcher: readonly string[],
): { provider: AssetProvider; connection: McpConnection } | null {
  const { mcp: channel, mcp_answer_seconds } = channels.doubao;
  if (channel === null) return null;
  const { max_connections, connection_timeout } = parallel.resource_pools.doubao_api;
  const answerMs = { still: mcp_answer_seconds.still * 1000, clip: mcp_answer_seconds.clip * 1000 };
  const connection = new McpConnection({
    channel,
    provider: DOUBAO_MCP,
    connectTimeoutMs: connection_timeout * 1000,
    longestAnswerMs: Math.max(answerMs.still, answerMs.clip),
    maxConnections: max_connections,
    launcher,
    note: (fields, message) => log.warn(fields, message),
  });
  const { imageFamily, videoFamily: family } = familiesOf(ark);
  const clipTakes = (model: string) => findClipModel(model, { family });
  return { provider: createDoubaoMcp({ connection, imageFamily, clipTakes, answerMs }), connection };
}

const familiesOf = ({ imageModelFamily, videoModelFamily }: Config['ark']) => ({
  ...{ imageFamily: imageModelFamily, videoFamily: videoModelFamily },
});

function purchaseStore({ dataDir }: Config, log: Logger, database: Database): SqlPurchaseStore {
  return new SqlPurchaseStore({
    database,
    note: (fields, message) => log.warn(fields, message),
    prepare: async () => {
      const imported = await importFolder(database, path.join(dataDir, 'ledger'));
      if (imported > 0) log.info({ imported }, 'purchases of an earlier release are in the database now');
    },
  });
}
