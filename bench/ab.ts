import { request } from 'undici';
import { StackUnderTest } from '../test/e2e/stack-under-test.ts';
import type { Figure } from './figure.ts';
import { statisticsOf } from './statistics.ts';

const REQUESTS = 100;
const AT_ONCE = 10;
const WARM_UPS = 3;
const WISH = { video_theme: '一杯手冲咖啡的清晨', duration: 5, resolution: '360p' };

/**
 * The origin's own test of response times: `ab -n 100 -c 10 http://localhost:8001/api/v1/generate-video`, with the body
 * that the route needs. As ab does, each request has a connection of its own; the films are made meanwhile.
 */
export const ab: Figure = {
  name: 'ab',
  about: `The origin's ab -n ${REQUESTS} -c ${AT_ONCE} on generate-video, with the whole product at work behind it.`,
  metrics: [
    { name: 'ab_mean', about: 'Mean time to the answer.', unit: 's', target: { atMost: 5 } },
    { name: 'ab_p95', about: 'p95 of it.', unit: 's', target: { atMost: 10 } },
    { name: 'ab_errors', about: 'Share of requests that were not accepted.', unit: 'ratio', target: { atMost: 0.01 } },
  ],
  measure: async (bench) => {
    const under = await StackUnderTest.start();
    try {
      for (let n = 0; n < WARM_UPS; n++) await under.order(WISH);
      const tookMs: number[] = [];
      let errors = 0;
      const waiting = Array.from({ length: REQUESTS }).values();
      const workThrough = async () => {
        for (const _ of waiting) {
          bench.signal.throwIfAborted();
          const began = performance.now();
          const status = await post(`${under.stack.urls.gateway}/api/v1/generate-video`);
          tookMs.push(performance.now() - began);
          if (status !== 202) errors++;
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, workThrough));
      const statistics = statisticsOf(tookMs);
      const seconds = tookMs.map((ms) => ms / 1000);
      bench.tell('POST, 10 at once', statistics);
      bench.record('ab_mean', seconds, statistics.mean / 1000);
      bench.record('ab_p95', seconds, statistics.p95 / 1000);
      bench.record('ab_errors', [errors / REQUESTS]);
    } finally {
      await under.stop();
    }
  },
};

/** Its status; 0 without an answer. */
async function post(url: string): Promise<number> {
  try {
    const { statusCode, body } = await request(url, {
      ...{ method: 'POST', reset: true, headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(WISH),
    });
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  }
}
