import { until } from './until.ts';

/** As a client should: on a busy machine Temporal or the database may not answer the gateway in its time, which says so. */
export async function inTime<Answer extends { status: number }>(ask: () => Promise<Answer>): Promise<Answer> {
  let answer: Answer | undefined;
  await until('it is answered in time', async () => (answer = await ask()).status !== 503, { everyMs: 500 });
  return answer as Answer;
}
