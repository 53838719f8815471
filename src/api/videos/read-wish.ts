import { fieldFaults } from '../../contract/field-faults.ts';
import { judgeableFields, notYetBuilt } from '../../contract/judgeable-fields.ts';
import { toVideoSpec } from '../../contract/to-video-spec.ts';
import { VIDEO_REQUEST_FIELDS, VideoRequest } from '../../contract/video-request.ts';
import type { VideoSpec } from '../../domain/video-spec.ts';
import type { AssetStore } from '../../store/asset-store.ts';
import { faultsOfTheMoment } from './faults-of-the-moment.ts';
import { type RequestFaults, refusalOf } from './refusal.ts';

/** The wish, its form checked. @throws ApiError that names every wrong field, what is not built, and assets that are not here. */
export async function readWish(deps: { store: AssetStore; clock: () => Date }, body: unknown): Promise<VideoSpec> {
  const parsed = VideoRequest.safeParse(body);
  const judgeable = judgeableFields(body);
  const notYet = judgeable === null ? [] : notYetBuilt(judgeable);
  if (parsed.success && notYet.length === 0) return toVideoSpec(parsed.data);
  const ofTheMoment: RequestFaults =
    judgeable === null
      ? {}
      : await faultsOfTheMoment(deps, {
          bgm: judgeable.bgm,
          deadline: judgeable.deadline,
          referenceImage: judgeable.reference_image,
          ownMaterial: judgeable.scenes,
        });
  const ofTheForm = parsed.success ? [] : fieldFaults(parsed.error, VIDEO_REQUEST_FIELDS, 'body');
  const isNotYet = new Set(notYet.map(({ field }) => field));
  const invalid = [...ofTheForm.filter(({ field }) => !isNotYet.has(field)), ...(ofTheMoment.invalid ?? [])];
  throw refusalOf({ ...ofTheMoment, invalid, notYet }) ?? new TypeError('a request that cannot be parsed has a fault');
}
