import type { RequestHandler } from 'express';
import { deleteAsset, getAsset, postAsset } from './assets.ts';
import { getCheckpoints, postCheckpoint, postRestore } from './checkpoints.ts';
import { getStyles, getVoices } from './choices.ts';
import { getConfig, getQueues, getStats, getWorkers } from './fleet.ts';
import { getDocs, getDocsFile, getDocsMarkdown, getOpenApi } from './docs.ts';
import { postEstimate } from './estimate.ts';
import type { Gateway } from './gateway.ts';
import { postGenerateVideo } from './generate-video.ts';
import { getHealth, getReady } from './health.ts';
import { LIVE_PATH } from '../live/upgrade.ts';
import { getLive } from './live.ts';
import { getMetrics } from './metrics.ts';
import { getEvents, getVideoEvents } from './video-events.ts';
import { statusPageRoutes } from './status-page.ts';
import { deleteVideo, getVideo, getVideos } from './videos.ts';
import { getDeadLetters, postReplay } from './webhooks.ts';

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
    '/api/v1/webhooks/dead-letters': { get: getDeadLetters(gateway) },
    '/api/v1/webhooks/dead-letters/:id/replay': { post: postReplay(gateway) },
    '/api/v1/events': { get: getEvents(gateway) },
    [LIVE_PATH]: { get: getLive() },
    '/api/v1/voices': { get: getVoices(gateway) },
    '/api/v1/styles': { get: getStyles(gateway) },
    '/api/v1/config': { get: getConfig(gateway) },
    '/api/v1/queues': { get: getQueues(gateway) },
    '/api/v1/workers': { get: getWorkers(gateway) },
    '/api/v1/stats': { get: getStats(gateway) },
    '/api/v1/assets': { post: postAsset(gateway) },
    '/api/v1/assets/:id': { get: getAsset(gateway), delete: deleteAsset(gateway) },
    '/api/v1/health': { get: getHealth(gateway) },
    '/health': { get: getHealth(gateway) },
    '/ready': { get: getReady(gateway) },
    '/metrics': { get: getMetrics(gateway) },
    '/openapi.json': { get: getOpenApi(gateway) },
    '/docs': { get: getDocs() },
    '/docs/:file': { get: getDocsFile() },
    '/docs.md': { get: getDocsMarkdown() },
    ...statusPageRoutes(gateway),
  };
}
