import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runPolicy } from '../../src/api/videos/run-policy.ts';
import { loadConfig } from '../../src/config.ts';
import { RunPolicy } from '../../src/domain/run-policy.ts';
import { ASSET_TYPES } from '../../src/domain/video-spec.ts';

/** The most that a run may carry of the configuration. */
const MAX_BYTES = 4 * 1024;

describe('the policy that a run keeps', () => {
  const { parallel, errorHandling, storyboard } = loadConfig({});
  const policyOf = (type: (typeof ASSET_TYPES)[number]) => runPolicy({ parallel, errorHandling, storyboard }, type);

  it('is what the configuration says, by kind of asset', () => {
    const stills = RunPolicy.parse(policyOf('text_to_image'));
    assert.deepEqual(stills, {
      audio: { maxConcurrentTasks: 3, timeoutSeconds: 30, retryAttempts: 3, queueName: 'audio_processing' },
      visual: { maxConcurrentTasks: 5, timeoutSeconds: 60, retryAttempts: 3, queueName: 'visual_processing' },
      sync: { timeoutSeconds: 120, requiredBranches: ['audio', 'visual'], failureStrategy: 'partial_continue' },
      minRealPictures: 1,
      similarPictures: true,
      rewriteRejectedPrompts: false,
    });
    assert.equal(policyOf('text_to_video').sync.timeoutSeconds, 900);
  });

  it('has the general time where a kind has none of its own', () => {
    const sync = { ...parallel.sync_points.audio_visual_sync, timeout_seconds: 77, timeout_seconds_by_asset_type: {} };
    const general = { ...parallel, sync_points: { audio_visual_sync: sync } };
    for (const type of ASSET_TYPES)
      assert.equal(runPolicy({ parallel: general, errorHandling, storyboard }, type).sync.timeoutSeconds, 77);
  });

  it('is small, and as JSON the same', () => {
    for (const type of ASSET_TYPES) {
      const policy = policyOf(type);
      const json = JSON.stringify(policy);
      assert.ok(json.length <= MAX_BYTES);
      assert.deepEqual(RunPolicy.parse(JSON.parse(json)), policy);
    }
  });

  it('is refused with anything a workflow could not work with', () => {
    const policy = policyOf('text_to_image');
    const wrong = [
      { ...policy, minRealPictures: 0 },
      { ...policy, audio: { ...policy.audio, maxConcurrentTasks: 0 } },
      { ...policy, visual: { ...policy.visual, timeoutSeconds: -1 } },
      { ...policy, sync: { ...policy.sync, failureStrategy: 'carry_on' } },
      { ...policy, secret: 'x' },
    ];
    for (const each of wrong) assert.equal(RunPolicy.safeParse(each).success, false, JSON.stringify(each));
  });
});
