import type { RequestHandler } from 'express';
import { deleteAsset, getAsset, postAsset } from './assets.ts';
import { getCheckpoints, postCheckpoint, postRestore } from './checkpoints.ts';
import { getDocs, getOpenApi } from './docs.ts';
import { postEstimate } from './estimate.ts';
import type { Gateway } from './gateway.ts';
import { postGenerateVideo } from './generate-video.ts';
import { getHealth, getReady } from './health.ts';
import { getMetrics } from './metrics.ts';
import { getVideoEvents } from './video-events.ts';
import { deleteVideo, getVideo, getVideos } from './videos.ts';

type Method = 'get' | 'post' | 'delete';

/** The whole surface: path, then method. */
export function routes(gateway: Gateway): Record<string, Partial<Record<Method, RequestHandler<never>>>> {
  return {
    '/api/v1/generate-video': { post: postGenerateVideo(gateway) },
    '/api/v1/estimate': { post: postEstimate(gateway) },
    '/api/v1/videos': { get: getVideos(gateway) },
    '/api/v1/videos/:id': { get: getVideo(gateway), delete: deleteVideo(gateway) },
    '/api/v1/videos/:id/checkpoints': { get: getCheckpoints(gateway), post: postCheckpoint(gateway) },
    '/api/v1/videos/:id/restore': { post: postRestore(gateway) },
    '/api/v1/videos/:id/events': { get: getVideoEvents(gateway) },
    '/api/v1/assets': { post: postAsset(gateway) },
    '/api/v1/assets/:id': { get: getAsset(gateway), delete: deleteAsset(gateway) },
    '/api/v1/health': { get: getHealth(gateway) },
    '/health': { get: getHealth(gateway) },
    '/ready': { get: getReady(gateway) },
    '/metrics': { get: getMetrics(gateway) },
    '/openapi.json': { get: getOpenApi() },
    '/docs': { get: getDocs() },
  };
}
