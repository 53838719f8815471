import type { ErrorHandling, ParallelConfig, StoryboardSettings } from '../../domain/config-files.ts';
import type { RunPolicy } from '../../domain/run-policy.ts';
import type { AssetType } from '../../domain/video-spec.ts';

type BranchConfig = ParallelConfig['audio_branch'];

interface Settings {
  parallel: ParallelConfig;
  errorHandling: ErrorHandling;
  storyboard: StoryboardSettings;
}

/** The part of the configuration a run keeps. */
export function runPolicy({ parallel: config, errorHandling, storyboard }: Settings, assetType: AssetType): RunPolicy {
  const sync = config.sync_points.audio_visual_sync;
  return {
    audio: branchPolicy(config.audio_branch),
    visual: branchPolicy(config.visual_branch),
    sync: {
      timeoutSeconds: sync.timeout_seconds_by_asset_type[assetType] ?? sync.timeout_seconds,
      requiredBranches: sync.required_branches,
      failureStrategy: sync.failure_strategy,
    },
    ...(assetType === 'text_to_video' ? { clips: { timeoutSeconds: config.visual_branch.clip_timeout_seconds } } : {}),
    minRealPictures: sync.min_real_pictures,
    similarPictures: errorHandling.fallback_strategies.asset_generation.cache_fallback,
    rewriteRejectedPrompts: storyboard.rewrite_rejected_prompts,
  };
}

const branchPolicy = (branch: BranchConfig): RunPolicy['audio'] => ({
  maxConcurrentTasks: branch.max_concurrent_tasks,
  timeoutSeconds: branch.timeout_seconds,
  retryAttempts: branch.retry_attempts,
  queueName: branch.queue_name,
});
