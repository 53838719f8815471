import { type Figures as WireFigures, type Stats, STATS_WINDOWS, type StatsWindow } from '../../contract/stats.ts';
import { countUnderWay, type Figures, figuresSince } from '../../read-model/stats.ts';
import type { Videos } from '../read-videos.ts';

export interface StatsDeps {
  videos: Videos;
  tenant: string;
  clock: () => Date;
}

/** What happened in windows that slide behind now. Only SQL can add up. @throws ApiError DATABASE_UNAVAILABLE */
export async function readStats({ videos, tenant, clock }: StatsDeps, only?: StatsWindow): Promise<Stats> {
  const names = only === undefined ? (Object.keys(STATS_WINDOWS) as StatsWindow[]) : [only];
  const to = clock();
  const [underWay, ...windows] = await Promise.all([
    videos.ask((database) => countUnderWay(database, tenant)),
    ...names.map(async (window) => {
      const from = new Date(to.getTime() - STATS_WINDOWS[window] * 1000);
      const { all, byAssetType } = await videos.ask((database) => figuresSince(database, tenant, from));
      return {
        ...{ window, from: from.toISOString(), to: to.toISOString(), all: figuresToWire(all) },
        by_asset_type: {
          text_to_image: figuresToWire(byAssetType.text_to_image),
          text_to_video: figuresToWire(byAssetType.text_to_video),
        },
      };
    }),
  ]);
  return { under_way: underWay, windows };
}

function figuresToWire({ requested, ended, seconds, costTotal }: Figures): WireFigures {
  const films = ended.success + ended.partial;
  const judged = films + ended.failed;
  const count = Object.values(ended).reduce((sum, each) => sum + each, 0);
  return {
    requested,
    ended,
    success_rate: judged === 0 ? null : films / judged,
    seconds,
    cost: { currency: 'CNY', total: costTotal, mean: count === 0 ? 0 : costTotal / count },
  };
}
