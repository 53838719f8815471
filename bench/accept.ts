import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { runOptions } from '../src/api/videos/start-video.ts';
import { newVideoId } from '../src/api/videos/video-id.ts';
import { StackUnderTest } from '../test/e2e/stack-under-test.ts';
import type { Figure } from './figure.ts';
import { startedWith } from './payload.ts';
import { sideBySide } from './side-by-side.ts';
import { ratiosOf } from './statistics.ts';

const ROUNDS = 500;
/** What a call leaves to be done after its answer must not strike the next one, which may be another's. */
const PAUSE_MS = 30;
const WISH = { video_theme: '清晨山谷里的一杯手冲咖啡', duration: 30, resolution: '1080p' };
/** Nobody takes the runs up: what they would do is not what is measured. No limit either: none of them ends. */
const PARKED = { WORKER_QUEUES: 'webhooks', MAX_VIDEOS_UNDER_WAY: '0', LOG_LEVEL: 'info' };

/** What the gateway adds to a start of the same workflow, with the same input, by Temporal's own client. */
export const accept: Figure = {
  name: 'accept',
  about: `POST /api/v1/generate-video to its 202, ${ROUNDS} of each, in turns with Temporal's own client.`,
  metrics: [
    {
      name: 'accept_vs_temporal',
      about: 'p95 of the POST ÷ p95 of workflow.start.',
      ...{ unit: 'ratio', target: { atMost: 1.5 } },
    },
    {
      name: 'accept_keyed_vs_temporal',
      about:
        'The same with an Idempotency-Key, new each time: it is looked up before, and remembered before the answer.',
      ...{ unit: 'ratio', target: null },
    },
  ],
  measure: async (bench) => {
    const under = await StackUnderTest.start(PARKED);
    try {
      const start = await startOf(under);
      const post = (headers: () => Record<string, string>) => () =>
        timed(() => accepted(under, headers()), bench.signal);
      const { plain, keyed, temporal } = await sideBySide(
        {
          plain: post(() => ({})),
          keyed: post(() => ({ 'idempotency-key': randomUUID() })),
          temporal: () => timed(start, bench.signal),
        },
        { warmUps: 30, rounds: ROUNDS },
      );
      bench.tell('POST', plain);
      bench.tell('POST with a key', keyed);
      bench.tell('workflow.start', temporal);
      const against = ({ p95, samplesMs }: typeof plain) =>
        [ratiosOf(samplesMs, temporal.samplesMs), p95 / temporal.p95] as const;
      bench.record('accept_vs_temporal', ...against(plain));
      bench.record('accept_keyed_vs_temporal', ...against(keyed));
    } finally {
      await under.stop();
    }
  },
};

async function accepted(under: StackUnderTest, headers: Record<string, string>): Promise<void> {
  const answer = await under.request('POST', '/api/v1/generate-video', { body: WISH, headers });
  const text = await answer.text();
  if (answer.status !== 202) throw new Error(`The gateway answers ${answer.status}: ${text}`);
}

/** The start of the run that the gateway makes of the wish: type, input, memo, search attributes, policies. */
async function startOf(under: StackUnderTest): Promise<() => Promise<unknown>> {
  const input = await startedWith(under.client, await under.order(WISH));
  const { tenant, spec } = input;
  return () => {
    const videoId = newVideoId();
    const memo = { bodyHash: BODY_HASH, requestId: randomUUID() };
    return under.client.workflow.start('generateVideo', {
      ...runOptions({ videoId, tenant, spec, memo }),
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      args: [{ ...input, videoId }],
    });
  };
}

/** As long as a true one. */
const BODY_HASH = '0'.repeat(64);

async function timed(work: () => Promise<unknown>, signal: AbortSignal): Promise<number> {
  const began = performance.now();
  await work();
  const took = performance.now() - began;
  await sleep(PAUSE_MS, undefined, { signal });
  return took;
}
