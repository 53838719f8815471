import { Worker, type InjectedSinks, type ReplayWorkerOptions } from '@temporalio/worker';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import type { TellingSinks } from '../../src/workflows/telling.ts';
import { historyFromJson } from './history-json.ts';
import type { SavedHistory } from './saved-history.ts';

/** What came of each history: undefined where the code does today what it did then. */
export type Replayed = Map<string, Error | undefined>;

/** Replays histories, one after the other, against a bundle of workflow code and by the product's data converter. */
export async function replay(code: string, histories: SavedHistory[]): Promise<Replayed> {
  const options: ReplayWorkerOptions = {
    ...{ workflowBundle: { code }, dataConverter: await createDataConverter(null) },
    // What a run tells leaves nothing in its history.
    sinks: { readModel: { hear: { fn: () => {} } } } satisfies InjectedSinks<TellingSinks>,
  };
  const replayed: Replayed = new Map();
  const results = Worker.runReplayHistories(
    options,
    histories.map(({ workflowId, history }) => ({ workflowId, history: historyFromJson(history) })),
  );
  for await (const { error } of results) replayed.set(histories[replayed.size]?.name ?? '', error);
  return replayed;
}
