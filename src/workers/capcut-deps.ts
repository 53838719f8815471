import { createReadStream } from 'node:fs';
import path from 'node:path';
import type { DraftDeps } from '../activities/deps.ts';
import type { Guard } from '../breakers/breakers.ts';
import { ConfigError, type Config } from '../config.ts';
import { createCapcutHttp } from '../providers/capcut/http.ts';
import { createCapcutMcp } from '../providers/capcut/mcp.ts';
import type { CapcutSight } from '../providers/capcut/write-draft.ts';
import { createPool, limitsOf } from '../providers/pool.ts';
import type { AssetStore } from '../store/asset-store.ts';

interface CapcutDepsOptions {
  assets: AssetStore;
  guard: Guard;
  onFallback: DraftDeps['onFallback'];
  /** Put before a server's command. */
  launcher: readonly string[];
}

/** The CapCutAPI servers that are configured, on one pool of sockets. @throws ConfigError when they could not come by media. */
export function createCapcutDeps(
  config: Config,
  { assets, guard, onFallback, launcher }: CapcutDepsOptions,
): DraftDeps {
  const { mcp, http } = config.channels.capcut;
  const limits = limitsOf(config.parallel.resource_pools.capcut_api);
  const pool = createPool(limits);
  return {
    strategy: config.errorHandling.fallback_strategies.project_creation,
    guard,
    capcut: {
      ...(mcp === null ? {} : { mcp_channel: createCapcutMcp({ channel: mcp, pool, limits, launcher }) }),
      ...(http === null ? {} : { http_channel: createCapcutHttp({ channel: http, pool }) }),
    },
    sight: sightOf(config, assets),
    onFallback,
  };
}

/** By what they are called inside a draft. */
const MEDIA_TYPES: Record<string, string> = {
  ...{ '.png': 'image/png', '.jpg': 'image/jpeg', '.mp4': 'video/mp4' },
  ...{ '.wav': 'audio/wav', '.mp3': 'audio/mpeg', '.m4a': 'audio/mp4' },
};

function sightOf({ channels, draftsRoot, publicUrl }: Config, assets: AssetStore): CapcutSight {
  const { drafts_root, media } = channels.capcut;
  const theirs = (drafts_root ?? draftsRoot).replace(/[/\\]+$/, '');
  if (media === 'paths')
    return {
      draftsRoot: theirs,
      sourceOf: (file) => Promise.resolve(`${theirs}/${path.relative(draftsRoot, file).split(path.sep).join('/')}`),
    };
  if (publicUrl === null)
    throw new ConfigError('channels_config.yaml: capcut.media is `urls`: set PUBLIC_URL, or make it `paths`');
  const base = publicUrl.replace(/\/+$/, '');
  return {
    draftsRoot: theirs,
    sourceOf: async (file) => {
      const type = MEDIA_TYPES[path.extname(file)] ?? 'application/octet-stream';
      const { sha256 } = await assets.put(createReadStream(file), type);
      return `${base}/api/v1/assets/${sha256}`;
    },
  };
}
