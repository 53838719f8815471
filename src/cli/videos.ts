import { hasEnded, type VideoListQuery, type VideoSummary } from '../client/index.ts';
import type { Config } from '../config.ts';
import { STATUS_WORDS } from '../contract/status-words.ts';
import { DONE } from './exit-codes.ts';
import { costInWords } from './film-files.ts';
import { filmRequest, type FilmWishes } from './film-request.ts';
import { followVideo, type FollowOptions, tellEnd } from './follow-video.ts';
import { connect, type GatewayOptions, tell } from './gateway.ts';
import { listenForInterruption } from './interruption.ts';
import { progressLines } from './progress-lines.ts';

/** `mcp-bridge watch`: a video that was asked for before. */
export async function watch(config: Config, id: string, options: FollowOptions): Promise<number> {
  const interruption = listenForInterruption();
  try {
    return await followVideo(connect(config, options), id, { options, interruption, everyView: true });
  } finally {
    interruption.done();
  }
}

export interface ListOptions extends GatewayOptions {
  status?: string;
  assetType?: string;
  limit: string;
}

/** `mcp-bridge list` */
export async function list(config: Config, options: ListOptions): Promise<number> {
  const { status, assetType: asset_type, limit } = options;
  const query = { status, asset_type, limit: Number(limit) };
  const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
  const found = await connect(config, options).listVideos(given as VideoListQuery);
  tell(found, found.videos.length === 0 ? ['No videos.'] : found.videos.map(summaryLine), options);
  return DONE;
}

const summaryLine = ({ id, status, stage, created_at: at, title }: VideoSummary): string =>
  [id, status.padEnd(10), stage.padEnd(7), at.replace(/\.\d+Z$/, 'Z'), title ?? ''].join('  ').trimEnd();

/** `mcp-bridge get`: how a video stands now; with --out, its files. Says by its exit code only that it was found. */
export async function get(config: Config, id: string, options: FollowOptions): Promise<number> {
  const client = connect(config, options);
  const video = await client.getVideo(id);
  if (hasEnded(video)) await tellEnd(client, video, options);
  else {
    const cost = video.cost === null ? [] : [costInWords({ cost: video.cost, sandbox: false })];
    tell(
      video,
      [STATUS_WORDS[video.status], ...progressLines(null, video).map((line) => `  ${line}`), ...cost],
      options,
    );
  }
  return DONE;
}

/** `mcp-bridge cancel` */
export async function cancel(config: Config, id: string, options: GatewayOptions): Promise<number> {
  const cancelled = await connect(config, options).cancelVideo(id);
  tell(cancelled, [STATUS_WORDS[cancelled.status]], options);
  return DONE;
}

/** `mcp-bridge estimate` */
export async function estimate(
  config: Config,
  theme: string | undefined,
  options: FilmWishes & GatewayOptions,
): Promise<number> {
  const estimated = await connect(config, options).estimate(filmRequest({ ...options, theme }));
  const { currency, scenes, expected, at_most: most, max_cost: limit, lines } = estimated;
  const money = (price: number): string => price.toFixed(4).padStart(9);
  tell(
    estimated,
    [
      `${scenes} scenes: ${currency} ${expected.toFixed(4)} expected, ${most.toFixed(4)} at most`,
      ...lines.map(({ purpose, expected: share, basis }) => `  ${money(share.price)}  ${purpose}: ${basis}`),
      ...(limit === null
        ? []
        : [
            `Under max_cost ${limit.limit}: ${limit.outcome}, without ${limit.left_out.length} things that were asked for`,
          ]),
    ],
    options,
  );
  return DONE;
}
