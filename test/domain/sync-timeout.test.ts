import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { GenerateVideoInput } from '../../src/domain/generate-video.ts';
import { syncTimeoutMs, timeAfterLineMs } from '../../src/domain/sync-timeout.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');

/** Only what the rule reads. */
const inputOf = (film: { timeoutSeconds: number; durationSeconds: number; deadlineInMs: number | null }) =>
  ({
    policy: { sync: { timeoutSeconds: film.timeoutSeconds } },
    spec: {
      durationSeconds: film.durationSeconds,
      deadline: film.deadlineInMs === null ? null : new Date(NOW + film.deadlineInMs).toISOString(),
    },
  }) as GenerateVideoInput;

const timeoutSeconds = fc.integer({ min: 5, max: 3_600 });
const durationSeconds = fc.integer({ min: 5, max: 180 });
const deadlineInMs = fc.integer({ min: -86_400_000, max: 86_400_000 });

describe('syncTimeoutMs', () => {
  it('is the policy’s time without a deadline', () => {
    fc.assert(
      fc.property(timeoutSeconds, durationSeconds, (timeout, duration) => {
        const input = inputOf({ timeoutSeconds: timeout, durationSeconds: duration, deadlineInMs: null });
        assert.equal(syncTimeoutMs(input, NOW), timeout * 1000);
      }),
    );
  });

  it('is never over the policy’s time, and never under five seconds, whatever the deadline', () => {
    fc.assert(
      fc.property(timeoutSeconds, durationSeconds, deadlineInMs, (timeout, duration, inMs) => {
        const input = inputOf({ timeoutSeconds: timeout, durationSeconds: duration, deadlineInMs: inMs });
        const ms = syncTimeoutMs(input, NOW);
        assert.ok(ms >= 5_000 && ms <= timeout * 1000, String(ms));
      }),
    );
  });

  it('never grows when the deadline comes nearer or the film gets longer', () => {
    fc.assert(
      fc.property(timeoutSeconds, durationSeconds, deadlineInMs, fc.nat(100_000), (timeout, duration, inMs, less) => {
        const film = { timeoutSeconds: timeout, durationSeconds: duration, deadlineInMs: inMs };
        const ms = syncTimeoutMs(inputOf(film), NOW);
        assert.ok(syncTimeoutMs(inputOf({ ...film, deadlineInMs: inMs - less }), NOW) <= ms);
        assert.ok(syncTimeoutMs(inputOf({ ...film, durationSeconds: duration + 10 }), NOW) <= ms);
      }),
    );
  });

  it('leaves time to compose before the deadline', () => {
    // A film of 30 s needs 55 s to be composed.
    const film = { timeoutSeconds: 120, durationSeconds: 30 };
    assert.equal(syncTimeoutMs(inputOf({ ...film, deadlineInMs: 100_000 }), NOW), 45_000);
    assert.equal(syncTimeoutMs(inputOf({ ...film, deadlineInMs: 600_000 }), NOW), 120_000);
    assert.equal(syncTimeoutMs(inputOf({ ...film, deadlineInMs: -1 }), NOW), 5_000);
  });
});

describe('timeAfterLineMs', () => {
  const film = { timeoutSeconds: 120, durationSeconds: 30, deadlineInMs: null };

  it('is what the policy leaves, counted from the moment in which the line was left', () => {
    assert.equal(timeAfterLineMs(inputOf(film), { agoMs: 0, nowMs: NOW }), 120_000);
    assert.equal(timeAfterLineMs(inputOf(film), { agoMs: 90_000, nowMs: NOW }), 30_000);
    assert.equal(timeAfterLineMs(inputOf(film), { agoMs: 200_000, nowMs: NOW }), 0);
  });

  it('does not reach into the time in which the film must be composed', () => {
    const before = (deadlineInMs: number) =>
      timeAfterLineMs(inputOf({ ...film, deadlineInMs }), { agoMs: 0, nowMs: NOW });
    assert.deepEqual([before(600_000), before(75_000), before(55_000), before(-1)], [120_000, 20_000, 0, 0]);
  });
});
