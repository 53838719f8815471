import path from 'node:path';
import type { DraftDeps } from '../activities/deps.ts';
import type { ActivityDeps } from '../activities/index.ts';
import { UNGUARDED, type Guard } from '../breakers/breakers.ts';
import { ConfigError, type Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { importFolder } from '../ledger/import-folder.ts';
import { PurchaseDesk } from '../ledger/purchase-desk.ts';
import { SqlPurchaseStore } from '../ledger/sql-purchase-store.ts';
import type { Logger } from '../log.ts';
import { createArk } from '../providers/doubao/ark.ts';
import { createSpeech } from '../providers/doubao/speech.ts';
import { download } from '../providers/download.ts';
import { createPool } from '../providers/pool.ts';
import { checkFonts } from '../render/fonts.ts';
import { openAssetStore } from '../store/open-asset-store.ts';
import { StillCatalogue } from '../store/still-catalogue.ts';
import { findFfmpeg } from '../tools/ffmpeg.ts';
import { readPrompts } from '../read-prompts.ts';
import { createCapcutDeps } from './capcut-deps.ts';

/** The largest still a provider gives (4K JPEG) is well under this. */
const MAX_STILL_BYTES = 40 * 1024 * 1024;

/** Builds what activities work with. @throws ConfigError when a key is missing or a prompt file is broken, ffmpeg_missing and font_missing when a film could not be made. */
export async function createActivityDeps(
  config: Config,
  log: Logger,
  database: Database,
  { guard = UNGUARDED, onFallback = () => {} }: { guard?: Guard; onFallback?: DraftDeps['onFallback'] } = {},
): Promise<ActivityDeps> {
  const { ark, speech } = config;
  if (ark.apiKey === null) throw new ConfigError('ARK_API_KEY is not set: set it, or run the sandbox (npm start does)');
  if (speech.credentials === null) {
    throw new ConfigError('SPEECH_API_KEY (or SPEECH_APP_ID with SPEECH_ACCESS_TOKEN) is not set');
  }
  const prompts = readPrompts(config.configDir);
  const { max_connections, connection_timeout, read_timeout } = config.parallel.resource_pools.doubao_api;
  const limits = {
    maxConnections: max_connections,
    connectionTimeoutMs: connection_timeout * 1000,
    readTimeoutMs: read_timeout * 1000,
  };
  checkFonts();
  const ffmpeg = await findFfmpeg({
    explicitPath: config.tools.ffmpegPath,
    cacheDir: config.cacheDir,
    onNote: (note) => log.info(note),
  });
  const assets = await openAssetStore(config);
  return {
    ark: createArk({ ...ark, apiKey: ark.apiKey, imageFamily: ark.imageModelFamily, pool: createPool(limits) }),
    speech: createSpeech({ ...speech, credentials: speech.credentials, pool: createPool(limits) }),
    assets,
    stills: new StillCatalogue(database, assets),
    desk: new PurchaseDesk(purchaseStore(config, log, database), guard),
    prices: config.prices,
    labelling: config.labelling,
    models: { chat: ark.chatModel, image: ark.imageModel, imageFamily: ark.imageModelFamily },
    downloadImage: (url) =>
      download(url, {
        maxBytes: MAX_STILL_BYTES,
        timeoutMs: 30_000,
        idleTimeoutMs: 10_000,
        accept: ['jpeg', 'png', 'webp'],
        // Only a provider that is configured on this machine (the sandbox) may point back to it.
        allowedHosts: config.sandboxed ? [new URL(ark.baseUrl).host] : [],
      }),
    prompts,
    critic: config.storyboard.critic,
    ffmpeg: ffmpeg.path,
    renderStallMs: config.renderStallMs,
    workDir: path.join(config.dataDir, 'work'),
    draftsRoot: config.draftsRoot,
    drafts: createCapcutDeps(config, { assets, guard, onFallback }),
    sandboxed: config.sandboxed,
  };
}

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
