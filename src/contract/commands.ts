import { z } from 'zod';
import { ErrorBody } from './error-body.ts';
import { QueueList, WorkerList } from './fleet.ts';
import { LiveEvent, VideoSnapshot, VideosSnapshot } from './live.ts';
import { QUERY_NAMES } from './queries.ts';
import { Stats, StatsQuery } from './stats.ts';
import { CancelledVideo, Video, VideoId, VideoList, VideoListQuery } from './video.ts';

/** `videos`: the events of all; `stats`: figures every few seconds; else one video, by its id. */
export const Topic = z
  .union([z.enum(['videos', 'stats']), VideoId], { error: 'must be videos, stats, or the id of a video' })
  .describe('`videos` for the events of all, `stats` for figures every few seconds, or the id of one video.');
export type Topic = z.infer<typeof Topic>;

const Nothing = z.strictObject({});

/** What can be asked over the WebSocket: `{id, command, params}` is answered by `{id, ok, result}` or `{id, ok, error}`. */
export const COMMANDS = {
  ping: {
    description: 'Whether the gateway answers, and what time it has.',
    params: Nothing,
    result: z.strictObject({ at: z.iso.datetime() }),
  },
  list_commands: {
    description: 'Every command and every query, with the JSON Schemas of their parameters and results.',
    params: Nothing,
    result: z.strictObject({
      commands: z.array(
        z.strictObject({
          command: z.string(),
          description: z.string(),
          params: z.looseObject({}),
          result: z.looseObject({}),
        }),
      ),
      queries: z.array(
        z.strictObject({
          query: z.string(),
          description: z.string(),
          params: z.looseObject({}),
          row: z.looseObject({}),
        }),
      ),
    }),
  },
  get_stats: {
    description: 'The figures of GET /api/v1/stats.',
    params: StatsQuery,
    result: Stats,
  },
  execute_query: {
    description: 'One of the declared queries; the rows are as `list_commands` says.',
    params: z.strictObject({
      query: z.enum(QUERY_NAMES, { error: `must be one of ${QUERY_NAMES.join(', ')}` }),
      params: z.looseObject({}).default({}),
    }),
    result: z.strictObject({ query: z.enum(QUERY_NAMES), rows: z.array(z.looseObject({})) }),
  },
  subscribe: {
    description:
      'Sends what happens from now on, after a snapshot of how things stand; or, with `after`, what came after that place.',
    params: z.strictObject({
      topic: Topic,
      after: z
        .int()
        .nonnegative()
        .optional()
        .describe('Where an earlier subscription got to: `seq` for `videos`, the event’s `id` for one video.'),
      snapshot: z.boolean().default(true).describe('False, without `after`: one video’s events from its first.'),
    }),
    result: z.strictObject({
      topic: Topic,
      after: z.int().nonnegative().nullable().describe('The events that follow come after this; null for `stats`.'),
      snapshot: z
        .union([VideosSnapshot, VideoSnapshot, Stats])
        .nullable()
        .describe('How things stand; null where the subscription goes on after an earlier one.'),
    }),
  },
  unsubscribe: {
    description: 'Ends a subscription.',
    params: z.strictObject({ topic: Topic }),
    result: z.strictObject({ topic: Topic, subscribed: z.boolean().describe('Whether there was one.') }),
  },
  get_video: {
    description: 'The answer of GET /api/v1/videos/{id}.',
    params: z.strictObject({ id: VideoId }),
    result: Video,
  },
  list_videos: {
    description: 'The answer of GET /api/v1/videos.',
    params: VideoListQuery,
    result: VideoList,
  },
  cancel_video: {
    description: 'Cancels, as DELETE /api/v1/videos/{id} does.',
    params: z.strictObject({ id: VideoId }),
    result: CancelledVideo,
  },
  get_queues: {
    description: 'The answer of GET /api/v1/queues.',
    params: Nothing,
    result: QueueList,
  },
  get_workers: {
    description: 'The answer of GET /api/v1/workers.',
    params: Nothing,
    result: WorkerList,
  },
} as const;

export type CommandName = keyof typeof COMMANDS;
export const COMMAND_NAMES = Object.keys(COMMANDS) as [CommandName, ...CommandName[]];
export type CommandParams<Name extends CommandName> = z.output<(typeof COMMANDS)[Name]['params']>;
export type CommandResult<Name extends CommandName> = z.output<(typeof COMMANDS)[Name]['result']>;

/** What a client sends. */
export const WsRequest = z
  .strictObject({
    id: z
      .union([z.string().min(1).max(64), z.int()], { error: 'must be a text of 1 to 64 characters, or a whole number' })
      .describe('Any; the answer has the same.'),
    command: z.string({ error: 'must be the name of a command' }).max(64),
    params: z.unknown().optional(),
  })
  .meta({ id: 'WsRequest' });

const WsError = ErrorBody.shape.error;

/** What the gateway sends: answers, and by `type` what was subscribed to. */
export const WsMessage = z
  .union([
    z.strictObject({ id: WsRequest.shape.id, ok: z.literal(true), result: z.unknown() }),
    z
      .strictObject({ id: WsRequest.shape.id.nullable(), ok: z.literal(false), error: WsError })
      .describe('`id` is null where the message had none that could be read.'),
    z
      .strictObject({
        type: z.literal('hello'),
        heartbeat_seconds: z.number().positive().describe('A ping comes as often; whoever answers none is let go.'),
        max_message_bytes: z.int().positive(),
        messages_per_second: z.number().positive(),
      })
      .describe('The first message.'),
    z.strictObject({ type: z.literal('event'), topic: Topic, ...LiveEvent.shape }),
    z.strictObject({ type: z.literal('stats_update'), payload: Stats }),
  ])
  .meta({ id: 'WsMessage' });
export type WsMessage = z.infer<typeof WsMessage>;
