import type { Request, RequestHandler, Response } from 'express';
import { IdempotencyKey } from '../../contract/idempotency-key.ts';
import { STATUS_WORDS } from '../../contract/status-words.ts';
import type { AcceptedVideo, Video } from '../../contract/video.ts';
import { LOCAL_TENANT, workflowIdOf } from '../../domain/ids.ts';
import { fieldError } from '../api-error.ts';
import { awaitVideo } from '../videos/await-video.ts';
import { readWish } from '../videos/read-wish.ts';
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
    const wish = await readWish(gateway, await readJson(req));
    const started = await startVideo(gateway, { tenant: LOCAL_TENANT, ...wish, idempotencyKey });
    noteRun(res, { workflowId: workflowIdOf(started.videoId), runId: started.runId });
    if (started.replayed) res.set('Idempotent-Replayed', 'true');
    res.location(`/api/v1/videos/${started.videoId}`);

    const finished = await waitIfPreferred(gateway, { req, res, videoId: started.videoId });
    if (finished !== null) answer(res, { data: finished, message: STATUS_WORDS[finished.status] });
    else answer(res, { status: 202, data: accepted(gateway, req, started), message: STATUS_WORDS[started.status] });
  };
}

function readIdempotencyKey(req: Request): string | null {
  const key = req.get('idempotency-key');
  if (key === undefined) return null;
  const { data, error } = IdempotencyKey.safeParse(key);
  if (data !== undefined) return data;
  throw fieldError('INVALID_REQUEST', 'Idempotency-Key', error?.issues[0]?.message ?? 'is wrong');
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
