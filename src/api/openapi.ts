import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathItemObject,
  type ZodOpenApiResponsesObject,
  type oas31,
} from 'zod-openapi';
import { COMMAND_NAMES, WsMessage, WsRequest } from '../contract/commands.ts';
import { ConfigView } from '../contract/config-view.ts';
import { StyleList, VoiceList, VoiceListQuery } from '../contract/catalogue.ts';
import { QueueList, WorkerList } from '../contract/fleet.ts';
import { Stats, StatsQuery } from '../contract/stats.ts';
import { Asset, AssetId } from '../contract/asset.ts';
import {
  CheckpointList,
  CheckpointRequest,
  RestoredVideo,
  RestoreRequest,
  WireCheckpoint,
} from '../contract/checkpoint.ts';
import { envelope } from '../contract/envelope.ts';
import { ERROR_RULES, ErrorBody, type ErrorCode } from '../contract/error-body.ts';
import { Estimate } from '../contract/estimate.ts';
import { Health, Readiness } from '../contract/health.ts';
import { LiveEvent, VideoEventsQuery, VideosEventsQuery, VideoSnapshot, VideosSnapshot } from '../contract/live.ts';
import { WireEvent } from '../contract/video-event.ts';
import { VideoRequest } from '../contract/video-request.ts';
import { AcceptedVideo, CancelledVideo, Video, VideoId, VideoList, VideoListQuery } from '../contract/video.ts';
import { DeadLetterId, DeadLetterList, DeadLetterQuery, ReplayedWebhook, WebhookEvent } from '../contract/webhook.ts';
import { UPLOADABLE_TYPES } from './http/media-type.ts';

/** OpenAPI 3.1, made from the same schemas that check requests. */
export function openApiDocument(): oas31.OpenAPIObject {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'mcp-bridge',
      version: '1',
      description: 'One line of theme in, one finished short video out.',
    },
    webhooks: { video: { post: videoWebhook } },
    components: { schemas: { WsRequest, WsMessage } },
    paths: {
      ...tagged('Videos', {
        '/api/v1/generate-video': { post: generateVideo },
        '/api/v1/estimate': { post: estimate },
        '/api/v1/videos': { get: listVideos },
        '/api/v1/videos/{id}': { get: getVideo, delete: cancelVideo },
      }),
      ...tagged('Live', {
        '/api/v1/videos/{id}/events': { get: videoEvents },
        '/api/v1/events': { get: allEvents },
        '/api/v1/live': { get: openLive },
      }),
      ...tagged('Checkpoints', {
        '/api/v1/videos/{id}/checkpoints': { get: listCheckpoints, post: nameCheckpoint },
        '/api/v1/videos/{id}/restore': { post: restoreVideo },
      }),
      ...tagged('Assets', {
        '/api/v1/assets': { post: uploadAsset },
        '/api/v1/assets/{id}': {
          get: getAsset,
          head: { ...getAsset, summary: 'Size and type of an asset' },
          delete: forgetUpload,
        },
      }),
      ...tagged('Choices', {
        '/api/v1/voices': { get: listVoices },
        '/api/v1/styles': { get: listStyles },
      }),
      ...tagged('Webhooks', {
        '/api/v1/webhooks/dead-letters': { get: listDeadLetters },
        '/api/v1/webhooks/dead-letters/{id}/replay': { post: replayDeadLetter },
      }),
      ...tagged('System', {
        '/api/v1/config': { get: viewConfig },
        '/api/v1/queues': { get: listQueues },
        '/api/v1/workers': { get: listWorkers },
        '/api/v1/stats': { get: readStats },
        '/api/v1/health': { get: health },
        '/health': { get: health },
        '/ready': { get: ready },
        '/metrics': { get: plain('Metrics in Prometheus’ text format', 'text/plain') },
      }),
      ...tagged('Pages', {
        '/openapi.json': { get: plain('This document', 'application/json') },
        '/docs': { get: plain('This document, for people, to try out', 'text/html') },
        '/docs/{file}': { get: docsFile },
        '/docs.md': { get: plain('This document, as Markdown', 'text/markdown') },
        '/': { get: plain('The status page', 'text/html', 'ROUTE_NOT_FOUND') },
        '/ui/page.js': { get: plain('Script of the status page', 'text/javascript', 'ROUTE_NOT_FOUND') },
        '/ui/page.css': { get: plain('Style of the status page', 'text/css', 'ROUTE_NOT_FOUND') },
        '/ui/icon.svg': { get: plain('Icon of the status page', 'image/svg+xml', 'ROUTE_NOT_FOUND') },
      }),
    },
  });
}

/** Under which heading documents and tools show them. */
function tagged(
  tag: string,
  paths: Record<string, ZodOpenApiPathItemObject>,
): Record<string, ZodOpenApiPathItemObject> {
  const operations = (item: ZodOpenApiPathItemObject) =>
    Object.entries(item).map(([method, operation]) => [method, { tags: [tag], ...(operation as object) }]);
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [
      path,
      Object.fromEntries(operations(item)) as ZodOpenApiPathItemObject,
    ]),
  );
}

const VideoAnswer = envelope(Video, 'VideoAnswer');
const AcceptedAnswer = envelope(AcceptedVideo, 'AcceptedAnswer');
const EstimateAnswer = envelope(Estimate, 'EstimateAnswer');
const CheckpointAnswer = envelope(WireCheckpoint, 'CheckpointAnswer');
const CheckpointListAnswer = envelope(CheckpointList, 'CheckpointListAnswer');
const RestoreAnswer = envelope(RestoredVideo, 'RestoreAnswer');
const CancelAnswer = envelope(CancelledVideo, 'CancelAnswer');
const ListAnswer = envelope(VideoList, 'VideoListAnswer');
const AssetAnswer = envelope(Asset, 'AssetAnswer');
const DeadLettersAnswer = envelope(DeadLetterList, 'DeadLettersAnswer');
const ReplayAnswer = envelope(ReplayedWebhook, 'ReplayAnswer');
const VoiceListAnswer = envelope(VoiceList, 'VoiceListAnswer');
const StyleListAnswer = envelope(StyleList, 'StyleListAnswer');
const ConfigAnswer = envelope(ConfigView, 'ConfigAnswer');
const QueueListAnswer = envelope(QueueList, 'QueueListAnswer');
const WorkerListAnswer = envelope(WorkerList, 'WorkerListAnswer');
const StatsAnswer = envelope(Stats, 'StatsAnswer');
const HealthAnswer = envelope(Health, 'HealthAnswer');
const ReadyAnswer = envelope(Readiness, 'ReadyAnswer');

const json = (description: string, schema: z.ZodType) => ({ description, content: { 'application/json': { schema } } });

/** Error answers by status, each with the codes it may carry. */
function errors(...codes: ErrorCode[]): ZodOpenApiResponsesObject {
  const statuses = new Set([...codes, 'INTERNAL' as const].map((code) => ERROR_RULES[code].status));
  return Object.fromEntries(
    [...statuses].map((status) => {
      const here = [...codes, 'INTERNAL' as const].filter((code) => ERROR_RULES[code].status === status);
      return [String(status), json(here.map((code) => `${code}: ${ERROR_RULES[code].meaning}`).join(' '), ErrorBody)];
    }),
  ) as ZodOpenApiResponsesObject;
}

const plain = (summary: string, type: string, ...codes: ErrorCode[]): ZodOpenApiOperationObject => ({
  summary,
  responses: { '200': { description: summary, content: { [type]: { schema: z.string() } } }, ...errors(...codes) },
});

const docsFile: ZodOpenApiOperationObject = {
  summary: 'What the page at /docs is made of',
  requestParams: { path: z.object({ file: z.string() }) },
  responses: {
    '200': {
      description: 'A script or a style sheet.',
      content: { 'text/javascript': { schema: z.string() }, 'text/css': { schema: z.string() } },
    },
    ...errors('ROUTE_NOT_FOUND'),
  },
};

const byId = { path: z.object({ id: VideoId }) };

/** A body that asks for a video, refused. */
const FAULTS_OF_A_WISH = [
  'INVALID_REQUEST',
  'INVALID_JSON',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'ASSET_NOT_USABLE',
] as const satisfies ErrorCode[];

const generateVideo: ZodOpenApiOperationObject = {
  summary: 'Ask for a video',
  description: 'Answers at once; ask at `urls.self` how it stands, or send `Prefer: wait=N`.',
  requestParams: {
    header: z.object({
      'Idempotency-Key': z
        .string()
        .min(1)
        .max(255)
        .optional()
        .describe(
          'Same key and body: the same video, with `Idempotent-Replayed: true`. Same key, other body: 422. No key: a new video each time.',
        ),
      Prefer: z
        .string()
        .optional()
        .describe('`wait=N` (RFC 7240), N up to 60 seconds: 200 with the ended video if it ends by then, else 202.'),
      'X-Request-Id': z.string().optional().describe('Taken over when it is a UUID; else the request gets one.'),
    }),
  },
  requestBody: { required: true, content: { 'application/json': { schema: VideoRequest } } },
  responses: {
    '200': json('The video has ended within the time of `Prefer: wait`.', VideoAnswer),
    '202': json('Accepted. `Location` and `urls.self` say where to ask.', AcceptedAnswer),
    ...errors(
      ...FAULTS_OF_A_WISH,
      'IDEMPOTENCY_KEY_REUSED',
      'TOO_MANY_VIDEOS',
      'TEMPORAL_UNAVAILABLE',
      'DATABASE_UNAVAILABLE',
      'STORE_UNAVAILABLE',
    ),
  },
};

const estimate: ZodOpenApiOperationObject = {
  summary: 'What a video would cost',
  description:
    'Takes the body of `POST /api/v1/generate-video` and refuses what that would refuse. Starts nothing, stores nothing, buys nothing.',
  requestBody: { required: true, content: { 'application/json': { schema: VideoRequest } } },
  responses: {
    '200': json('In CNY, by the price table.', EstimateAnswer),
    ...errors(...FAULTS_OF_A_WISH, 'STORE_UNAVAILABLE'),
  },
};

const listVideos: ZodOpenApiOperationObject = {
  summary: 'List videos',
  description:
    'Newest first. While the database is away the list comes from Temporal: running ones first, then the ended by time of ending, a second or so behind.',
  requestParams: { query: VideoListQuery },
  responses: {
    '200': json('A page of videos.', ListAnswer),
    ...errors('INVALID_REQUEST', 'TEMPORAL_UNAVAILABLE', 'DATABASE_UNAVAILABLE'),
  },
};

const videoWebhook: ZodOpenApiOperationObject = {
  tags: ['Webhooks'],
  summary: 'What a receiver named by `webhook_url` is sent',
  description: 'Signed by the Standard Webhooks scheme; repeated, under the same `webhook-id`, until it answers 2xx.',
  requestParams: {
    header: z.object({
      'webhook-id': z.string().describe('The same however often it is sent.'),
      'webhook-timestamp': z.string().describe('Of this attempt, in seconds since 1970.'),
      'webhook-signature': z.string().describe('`v1,…`, one for each secret, with blanks between.'),
    }),
  },
  requestBody: { required: true, content: { 'application/json': { schema: WebhookEvent } } },
  responses: { '200': { description: 'Any 2xx: received.' }, '410': { description: 'No more of it: not sent again.' } },
};

const getVideo: ZodOpenApiOperationObject = {
  summary: 'How a video stands',
  requestParams: byId,
  responses: {
    '200': json('The video: under way, finished, failed or stopped.', VideoAnswer),
    ...errors('VIDEO_NOT_FOUND', 'TEMPORAL_UNAVAILABLE'),
  },
};

const openLive: ZodOpenApiOperationObject = {
  summary: 'A WebSocket: commands, answers, and what happens as it happens',
  description: `Send WsRequest, receive WsMessage. Commands: ${COMMAND_NAMES.join(', ')}; \`list_commands\` answers with the JSON Schemas of all.`,
  responses: {
    '101': { description: 'The WebSocket is open; the first message is `hello`.' },
    ...errors('UPGRADE_REQUIRED', 'ORIGIN_NOT_ALLOWED', 'TOO_MANY_STREAMS'),
  },
};

const lastEventIdHeader = z.object({
  'Last-Event-ID': z.string().optional().describe('The id of the last event received.'),
});

const allEvents: ZodOpenApiOperationObject = {
  summary: 'What happens to all videos, as it happens',
  description:
    'Server-sent events. The first is `snapshot`, a VideosSnapshot: the videos under way. What follows are LiveEvents, whose ids count 1, 2, 3, … over all videos; a stream that broke goes on after `Last-Event-ID` at any gateway. It does not end by itself.',
  requestParams: { query: VideosEventsQuery, header: lastEventIdHeader },
  responses: {
    '200': {
      description: 'Each event’s `data` is a LiveEvent; that of `snapshot` a VideosSnapshot.',
      content: { 'text/event-stream': { schema: z.union([LiveEvent, VideosSnapshot]) } },
    },
    ...errors('INVALID_REQUEST', 'DATABASE_UNAVAILABLE', 'TOO_MANY_STREAMS'),
  },
};

const videoEvents: ZodOpenApiOperationObject = {
  summary: 'What happens to a video, as it happens',
  description:
    'Server-sent events: all that has happened, then what happens, until `ended`. Ids count 1, 2, 3, …; a stream that broke goes on after `Last-Event-ID`, which browsers send by themselves, at any gateway.',
  requestParams: {
    path: byId.path,
    query: VideoEventsQuery,
    header: lastEventIdHeader,
  },
  responses: {
    '200': {
      description: 'Each event’s `data` is a VideoEvent; that of `snapshot` a VideoSnapshot.',
      content: { 'text/event-stream': { schema: z.union([WireEvent, VideoSnapshot]) } },
    },
    '204': { description: 'The video has ended, and the client has all its events.' },
    ...errors(
      ...['INVALID_REQUEST' as const, 'VIDEO_NOT_FOUND' as const, 'TOO_MANY_STREAMS' as const],
      ...['TEMPORAL_UNAVAILABLE' as const, 'DATABASE_UNAVAILABLE' as const],
    ),
  },
};

const BODY_FAULTS = ['INVALID_REQUEST', 'INVALID_JSON', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const;
const VIDEO_FAULTS = ['VIDEO_NOT_FOUND', 'TEMPORAL_UNAVAILABLE', 'DATABASE_UNAVAILABLE'] as const;

const listCheckpoints: ZodOpenApiOperationObject = {
  summary: 'The points a video can be restored to',
  description: 'Those that its present run has passed, `after_script` first, then those that were named.',
  requestParams: byId,
  responses: { '200': json('The checkpoints.', CheckpointListAnswer), ...errors(...VIDEO_FAULTS) },
};

const nameCheckpoint: ZodOpenApiOperationObject = {
  summary: 'Name the point a video has reached',
  description:
    'The point is the end of the last finished stage. A name keeps it through later restores; without one the answer is that point as it is.',
  requestParams: byId,
  requestBody: { required: false, content: { 'application/json': { schema: CheckpointRequest } } },
  responses: {
    '200': json('It was there.', CheckpointAnswer),
    '201': json('Named.', CheckpointAnswer),
    ...errors(
      ...BODY_FAULTS,
      ...VIDEO_FAULTS,
      'CHECKPOINT_NOT_REACHED',
      'CHECKPOINT_NAME_TAKEN',
      'TOO_MANY_CHECKPOINTS',
    ),
  },
};

const restoreVideo: ZodOpenApiOperationObject = {
  summary: 'Let a video go on from a checkpoint',
  description:
    'Under way or ended, it goes on from there under the same id. What was paid for is not bought again; scenes that had failed are tried anew from `after_script`.',
  requestParams: byId,
  requestBody: { required: true, content: { 'application/json': { schema: RestoreRequest } } },
  responses: {
    '202': json('It goes on from there, as soon as what is under way has settled.', RestoreAnswer),
    ...errors(
      ...BODY_FAULTS,
      ...VIDEO_FAULTS,
      'CHECKPOINT_NOT_REACHED',
      'CHECKPOINT_UNKNOWN',
      'RESTORE_UNDER_WAY',
      'STILL_SETTLING',
      'HISTORY_GONE',
      'NO_WORKER',
    ),
  },
};

const cancelVideo: ZodOpenApiOperationObject = {
  summary: 'Cancel a video',
  requestParams: byId,
  responses: {
    '200': json('It was being cancelled, or is cancelled, already.', CancelAnswer),
    '202': json('It is being cancelled.', CancelAnswer),
    ...errors('VIDEO_NOT_FOUND', 'ALREADY_FINISHED', 'TEMPORAL_UNAVAILABLE'),
  },
};

const listVoices: ZodOpenApiOperationObject = {
  summary: 'Voices to choose from',
  requestParams: { query: VoiceListQuery },
  responses: {
    '200': json('With a sample where one has been bought here.', VoiceListAnswer),
    ...errors('INVALID_REQUEST', 'STORE_UNAVAILABLE'),
  },
};

const listStyles: ZodOpenApiOperationObject = {
  summary: 'Styles to choose from',
  description: '`visual_style` is free text; these are offers.',
  responses: {
    '200': json('With a sample where one has been bought here.', StyleListAnswer),
    ...errors('STORE_UNAVAILABLE'),
  },
};

const viewConfig: ZodOpenApiOperationObject = {
  summary: 'What the gateway was started with',
  description: 'No key, no password and no address is in it.',
  responses: { '200': json('Models, limits and policy.', ConfigAnswer), ...errors() },
};

const listQueues: ZodOpenApiOperationObject = {
  summary: 'Task queues: what waits, how fast it goes, who serves them',
  responses: { '200': json('By Temporal’s word.', QueueListAnswer), ...errors('TEMPORAL_UNAVAILABLE') },
};

const listWorkers: ZodOpenApiOperationObject = {
  summary: 'Worker processes: who lives, how loaded, of which version',
  responses: { '200': json('By their last beats.', WorkerListAnswer), ...errors('TEMPORAL_UNAVAILABLE') },
};

const readStats: ZodOpenApiOperationObject = {
  summary: 'Figures over windows that slide behind now',
  requestParams: { query: StatsQuery },
  responses: {
    '200': json('Counts, success rate, durations and cost, by asset type.', StatsAnswer),
    ...errors('INVALID_REQUEST', 'DATABASE_UNAVAILABLE'),
  },
};

const listDeadLetters: ZodOpenApiOperationObject = {
  summary: 'Events that no receiver has taken',
  description: 'Given up after the last attempt, or because the receiver wants no more (410). The newest first.',
  requestParams: { query: DeadLetterQuery },
  responses: {
    '200': json('The dead letters.', DeadLettersAnswer),
    ...errors('INVALID_REQUEST', 'DATABASE_UNAVAILABLE'),
  },
};

const replayDeadLetter: ZodOpenApiOperationObject = {
  summary: 'Send a dead letter again',
  description: 'All attempts anew, under the same `webhook-id`, signed anew.',
  requestParams: { path: z.object({ id: DeadLetterId }) },
  responses: {
    '202': json('It is sent again.', ReplayAnswer),
    ...errors('DEAD_LETTER_NOT_FOUND', 'DATABASE_UNAVAILABLE'),
  },
};

const binary = z.string().meta({ format: 'binary' });

const uploadAsset: ZodOpenApiOperationObject = {
  summary: 'Upload music or a picture',
  description:
    'The raw bytes, no form. Their type is told from the content, and must be what Content-Type says; application/octet-stream says nothing.',
  requestBody: {
    required: true,
    content: Object.fromEntries(
      [...UPLOADABLE_TYPES, 'application/octet-stream'].map((type) => [type, { schema: binary }]),
    ),
  },
  responses: {
    '201': json('Stored. Equal bytes have the same id.', AssetAnswer),
    ...errors(
      'INVALID_REQUEST',
      'BODY_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'UPLOAD_LIMIT_REACHED',
      'STORE_UNAVAILABLE',
      'DATABASE_UNAVAILABLE',
    ),
  },
};

const getAsset: ZodOpenApiOperationObject = {
  summary: 'The bytes of an asset',
  requestParams: {
    path: z.object({ id: AssetId }),
    header: z.object({ Range: z.string().optional().describe('One range of bytes.') }),
  },
  responses: {
    '200': { description: 'All of it.', content: { '*/*': { schema: binary } } },
    '206': { description: 'The range asked for.', content: { '*/*': { schema: binary } } },
    '304': { description: 'The client has it.' },
    '307': { description: 'The bytes are at `Location` for a while (`ASSET_DOWNLOADS=redirect`); this address stays.' },
    ...errors('ASSET_NOT_FOUND', 'RANGE_NOT_SATISFIABLE', 'STORE_UNAVAILABLE'),
  },
};

const forgetUpload: ZodOpenApiOperationObject = {
  summary: 'Forget an upload',
  description: 'It is not counted any more, and its bytes may be pruned once no video needs them.',
  requestParams: { path: z.object({ id: AssetId }) },
  responses: {
    '204': { description: 'Forgotten.' },
    ...errors('ASSET_NOT_FOUND', 'STORE_UNAVAILABLE', 'DATABASE_UNAVAILABLE'),
  },
};

const health: ZodOpenApiOperationObject = {
  summary: 'Whether the gateway lives',
  responses: {
    '200': json('`healthy`, or `degraded` when something it needs does not answer.', HealthAnswer),
    ...errors(),
  },
};

const ready: ZodOpenApiOperationObject = {
  summary: 'Whether a video sent now would be worked on',
  responses: { '200': json('Ready.', ReadyAnswer), ...errors('NOT_READY') },
};
