import type { RequestHandler } from 'express';
import { fieldFaults } from '../../contract/field-faults.ts';
import { STATUS_WORDS } from '../../contract/status-words.ts';
import { VideoListQuery } from '../../contract/video.ts';
import { LOCAL_TENANT, workflowIdOf } from '../../domain/ids.ts';
import { ApiError } from '../api-error.ts';
import { listVideos } from '../videos/list-videos.ts';
import { wrongInWords } from '../videos/refusal.ts';
import { stopVideo } from '../videos/stop-video.ts';
import { viewVideo } from '../videos/view-video.ts';
import { answer } from './answer.ts';
import { noteRun } from './context.ts';
import type { Gateway } from './gateway.ts';
import { assetUrls } from './urls.ts';

/** GET /api/v1/videos */
export function getVideos(gateway: Gateway): RequestHandler {
  return async (req, res) => {
    const query = VideoListQuery.safeParse(req.query);
    if (!query.success) {
      const details = fieldFaults(query.error, Object.keys(VideoListQuery.shape), 'query');
      throw new ApiError('INVALID_REQUEST', wrongInWords('parameter', details.length), { details });
    }
    const list = await listVideos(gateway, LOCAL_TENANT, query.data);
    answer(res, { data: list, message: list.videos.length === 1 ? '1 video.' : `${list.videos.length} videos.` });
  };
}

/** GET /api/v1/videos/:id */
export function getVideo(gateway: Gateway): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const { id } = req.params;
    const workflowId = workflowIdOf(id);
    noteRun(res, { workflowId, runId: null });
    const onFound = (runId: string) => noteRun(res, { workflowId, runId });
    const video = await viewVideo({ ...gateway, tenant: LOCAL_TENANT, onFound }, id, assetUrls(req, gateway));
    answer(res, { data: video, message: STATUS_WORDS[video.status] });
  };
}

/** DELETE /api/v1/videos/:id */
export function deleteVideo(gateway: Gateway): RequestHandler<{ id: string }> {
  return async (req, res) => {
    const { id } = req.params;
    noteRun(res, { workflowId: workflowIdOf(id), runId: null });
    const { status, runId, requested } = await stopVideo({ ...gateway, tenant: LOCAL_TENANT }, id);
    noteRun(res, { workflowId: workflowIdOf(id), runId });
    answer(res, { status: requested ? 202 : 200, data: { id, status }, message: STATUS_WORDS[status] });
  };
}
