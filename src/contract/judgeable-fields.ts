import { z } from 'zod';
import { MAX_SCENES } from '../domain/storyboard.ts';
import { OwnAsset } from './own-scene.ts';
import { VideoRequest } from './video-request.ts';

const { bgm, deadline, reference_image, webhook_url } = VideoRequest.shape;
const nothing = { picture: null, clip: null, narration: null };
const asset = OwnAsset.catch(null);

/**
 * The fields of a request that more than their form decides about: the moment, the assets that are here, and the
 * configuration. They are read although other fields may be wrong; one that is wrong itself counts as not given.
 */
const JudgeableFields = z.object({
  bgm: bgm.catch('auto'),
  deadline: deadline.catch(null),
  reference_image: reference_image.catch(null),
  scenes: z
    .array(z.object({ picture: asset, clip: asset, narration: asset }).catch(nothing))
    .max(MAX_SCENES)
    .catch([]),
  webhook_url: webhook_url.catch(null),
});
type JudgeableFields = z.infer<typeof JudgeableFields>;

/** Null when the body is no object. */
export const judgeableFields = (body: unknown): JudgeableFields | null => JudgeableFields.safeParse(body).data ?? null;
