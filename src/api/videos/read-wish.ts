import type { Config } from '../../config.ts';
import type { FieldFault } from '../../contract/error-body.ts';
import { fieldFaults } from '../../contract/field-faults.ts';
import { judgeableFields } from '../../contract/judgeable-fields.ts';
import { toVideoSpec } from '../../contract/to-video-spec.ts';
import { VIDEO_REQUEST_FIELDS, VideoRequest } from '../../contract/video-request.ts';
import type { VideoSpec } from '../../domain/video-spec.ts';
import type { AssetStore } from '../../store/asset-store.ts';
import { faultsOfTheMoment } from './faults-of-the-moment.ts';
import { faultOfTarget } from '../../webhooks/target.ts';
import { type RequestFaults, refusalOf } from './refusal.ts';

interface WishDeps {
  store: AssetStore;
  clock: () => Date;
  config: Pick<Config, 'webhooks'>;
}

export interface VideoWish {
  spec: VideoSpec;
  webhookUrl: string | null;
}

/** The wish, its form checked. @throws ApiError that names every wrong field, and assets that are not here. */
export async function readWish(deps: WishDeps, body: unknown): Promise<VideoWish> {
  const parsed = VideoRequest.safeParse(body);
  const judgeable = judgeableFields(body);
  const ofTheWebhook = webhookFaults(judgeable?.webhook_url ?? null, deps.config.webhooks);
  if (parsed.success && ofTheWebhook.length === 0)
    return { spec: toVideoSpec(parsed.data), webhookUrl: parsed.data.webhook_url };
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
  const invalid = [...ofTheForm, ...ofTheWebhook, ...(ofTheMoment.invalid ?? [])];
  throw refusalOf({ ...ofTheMoment, invalid }) ?? new TypeError('a request that cannot be parsed has a fault');
}

/** Where a receiver may be is for the configuration to say, not for the form. */
function webhookFaults(url: string | null, settings: { allowPrivate: boolean }): FieldFault[] {
  const message = url === null ? null : faultOfTarget(url, settings);
  return message === null ? [] : [{ field: 'webhook_url', message }];
}
