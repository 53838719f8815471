import type { Restored } from './checkpoint.ts';
import type { Cost } from './ledger-line.ts';
import type { RunPolicy } from './run-policy.ts';
import type { Canvas } from './canvas.ts';
import type { VideoSpec } from './video-spec.ts';

/** Everything a run is started with: what was asked, and the policy it keeps. */
export interface GenerateVideoInput {
  videoId: string;
  tenant: string;
  spec: VideoSpec;
  canvas: Canvas;
  policy: RunPolicy;
}

/** What a cancelled run leaves in its memo: it has no result to hold it. */
export interface CancelledMemo {
  cost: Cost | null;
}

/** What the gateway writes beside the run. Nothing a person wrote; hashes and ids only. */
export interface VideoMemo {
  /** HMAC of the normalised request body: another body under the same idempotency key is refused. */
  bodyHash: string;
  /** The request that started the run; a later one with the same key is a replay. */
  requestId: string;
  /** Only of a run that goes on from a checkpoint of one before. */
  restored?: Restored;
}
