import type { Request, RequestHandler, Response } from 'express';
import { fieldFaults } from '../../contract/field-faults.ts';
import { judgeableFields, notYetBuilt } from '../../contract/judgeable-fields.ts';
import { STATUS_WORDS } from '../../contract/status-words.ts';
import { toVideoSpec } from '../../contract/to-video-spec.ts';
import { VIDEO_REQUEST_FIELDS, VideoRequest } from '../../contract/video-request.ts';
import type { AcceptedVideo, Video } from '../../contract/video.ts';
import { LOCAL_TENANT, workflowIdOf } from '../../domain/ids.ts';
import type { VideoSpec } from '../../domain/video-spec.ts';
import { fieldError } from '../api-error.ts';
import { awaitVideo } from '../videos/await-video.ts';
import { faultsOfTheMoment } from '../videos/faults-of-the-moment.ts';
import { type RequestFaults, refusalOf } from '../videos/refusal.ts';
import { startVideo, type StartedVideo } from '../videos/start-video.ts';
import { answer } from './answer.ts';
import { baseUrl, noteRun } from './context.ts';
import { preferredWaitSeconds } from './preferences.ts';
import { readJson } from './read-body.ts';
import type { Gateway } from './gateway.ts';
import { assetUrls } from './urls.ts';

/** POST /api/v1/generate-video */
export function postGenerateVideo(gateway: Gateway): RequestHandler {
  return async (req, res) => {
    const idempotencyKey = readIdempotencyKey(req);
    const spec = await readSpec(gateway, await readJson(req));
    const started = await startVideo(gateway, { tenant: LOCAL_TENANT, spec, idempotencyKey });
    noteRun(res, { workflowId: workflowIdOf(started.videoId), runId: started.runId });
    if (started.replayed) res.set('Idempotent-Replayed', 'true');
    res.location(`/api/v1/videos/${started.videoId}`);

    const finished = await waitIfPreferred(gateway, { req, res, videoId: started.videoId });
    if (finished !== null) answer(res, { data: finished, message: STATUS_WORDS[finished.status] });
    else answer(res, { status: 202, data: accepted(gateway, req, started), message: STATUS_WORDS[started.status] });
  };
}

/** The wish, checked. @throws ApiError that names every wrong field, what is not built, and assets that are not here. */
async function readSpec(gateway: Gateway, body: unknown): Promise<VideoSpec> {
  const parsed = VideoRequest.safeParse(body);
  const judgeable = judgeableFields(body);
  const notYet = judgeable === null ? [] : notYetBuilt(judgeable);
  if (parsed.success && notYet.length === 0) return toVideoSpec(parsed.data);
  const ofTheMoment: RequestFaults =
    judgeable === null
      ? {}
      : await faultsOfTheMoment(gateway, {
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

function readIdempotencyKey(req: Request): string | null {
  const key = req.get('idempotency-key');
  if (key === undefined) return null;
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  throw fieldError('INVALID_REQUEST', 'Idempotency-Key', 'must have 1 to 255 printable ASCII characters');
}

async function waitIfPreferred(
  gateway: Gateway,
  { req, res, videoId }: { req: Request; res: Response; videoId: string },
): Promise<Video | null> {
  const seconds = preferredWaitSeconds(req.get('prefer'));
  if (seconds === 0) return null;
  res.set('Preference-Applied', `wait=${seconds}`);
  const left = new AbortController();
  res.once('close', () => left.abort());
  const signal = AbortSignal.any([left.signal, gateway.shutdown, AbortSignal.timeout(seconds * 1000)]);
  return awaitVideo({ ...gateway, tenant: LOCAL_TENANT, signal }, videoId, assetUrls(req, gateway));
}

function accepted(gateway: Gateway, req: Request, { videoId, status, stage }: StartedVideo): AcceptedVideo {
  const { config } = gateway;
  const isDevServer = config.temporal.address === `127.0.0.1:${config.ports.temporal}`;
  const runs = `http://127.0.0.1:${config.ports.temporalUi}/namespaces/${config.temporal.namespace}/workflows`;
  return {
    id: videoId,
    status,
    stage,
    waiting: null,
    urls: {
      self: `${baseUrl(req, config.publicUrl)}/api/v1/videos/${videoId}`,
      ...(isDevServer ? { temporal_ui: `${runs}/${workflowIdOf(videoId)}` } : {}),
    },
  };
}
