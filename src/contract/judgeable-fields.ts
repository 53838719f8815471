import { z } from 'zod';
import { MAX_SCENES } from '../domain/storyboard.ts';
import type { FieldFault } from './error-body.ts';
import { OwnAsset } from './own-scene.ts';
import { VideoRequest } from './video-request.ts';

const { bgm, deadline, reference_image } = VideoRequest.shape;
const nothing = { picture: null, clip: null, narration: null };
const asset = OwnAsset.catch(null);

/**
 * The fields of a request that more than their form decides about: the moment, the assets that are here, and what is
 * built. They are read although other fields may be wrong; one that is wrong itself counts as not given.
 */
const JudgeableFields = z.object({
  bgm: bgm.catch('auto'),
  deadline: deadline.catch(null),
  reference_image: reference_image.catch(null),
  scenes: z
    .array(z.object({ picture: asset, clip: asset, narration: asset }).catch(nothing))
    .max(MAX_SCENES)
    .catch([]),
  webhook_url: z.unknown().optional(),
});
type JudgeableFields = z.infer<typeof JudgeableFields>;

/** Null when the body is no object. */
export const judgeableFields = (body: unknown): JudgeableFields | null => JudgeableFields.safeParse(body).data ?? null;

/** What is understood and not built. A webhook is not, whatever its address is like. */
export function notYetBuilt({ webhook_url }: JudgeableFields): FieldFault[] {
  return webhook_url == null ? [] : [{ field: 'webhook_url', message: 'is not yet built: leave it out' }];
}
