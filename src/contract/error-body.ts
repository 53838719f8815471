import { z } from 'zod';
import { type ErrorMeaning, RECOVERY_STRATEGIES } from '../domain/error-table.ts';

/** What a code means, for the documentation too, and how it is answered. */
interface ErrorRule extends ErrorMeaning {
  status: number;
  /** How often, and how far apart, a client does well to try again; 0 for never. */
  maxRetries: number;
  retryDelayMs: number;
}

const fault = (status: number, meaning: string, rest: Partial<ErrorRule> = {}): ErrorRule => ({
  status,
  category: 'PERMANENT',
  severity: 'low',
  maxRetries: 0,
  retryDelayMs: 0,
  recoveryStrategy: 'correct_the_request',
  meaning,
  ...rest,
});

const passing = (status: number, meaning: string, retryDelayMs: number): ErrorRule =>
  fault(status, meaning, {
    category: 'TEMPORARY',
    severity: 'high',
    maxRetries: 5,
    retryDelayMs,
    recoveryStrategy: 'retry_later',
  });

const settling: Partial<ErrorRule> = {
  category: 'TEMPORARY',
  maxRetries: 5,
  retryDelayMs: 2000,
  recoveryStrategy: 'retry_later',
};

/** Every code an answer can carry, and what follows from it. The one place that knows their HTTP status. */
export const ERROR_RULES = {
  INVALID_REQUEST: fault(
    400,
    'A field, parameter or header is missing, unknown, of the wrong type or out of range; `details` names each.',
  ),
  INVALID_JSON: fault(400, 'The body is not JSON in UTF-8.'),
  ROUTE_NOT_FOUND: fault(404, 'Nothing is at this path.', { recoveryStrategy: 'check_the_address' }),
  VIDEO_NOT_FOUND: fault(404, 'No such video, or none that is still kept.', {
    recoveryStrategy: 'check_the_address',
  }),
  DEAD_LETTER_NOT_FOUND: fault(404, 'No such dead letter.', { recoveryStrategy: 'check_the_address' }),
  ASSET_NOT_FOUND: fault(404, 'No such asset.', { recoveryStrategy: 'check_the_address' }),
  ORIGIN_NOT_ALLOWED: fault(
    403,
    'Pages of this origin may not open the WebSocket: WS_ALLOWED_ORIGINS names those that may.',
  ),
  COMMAND_NOT_FOUND: fault(404, 'No such command; `list_commands` tells which there are.'),
  METHOD_NOT_ALLOWED: fault(405, 'The path exists, the method does not; see `Allow`.', {
    recoveryStrategy: 'check_the_address',
  }),
  ALREADY_FINISHED: fault(409, 'The video has ended and cannot be cancelled.', { recoveryStrategy: 'none_needed' }),
  CHECKPOINT_NOT_REACHED: fault(409, 'The video has not got there; the message names the checkpoints there are.'),
  CHECKPOINT_NAME_TAKEN: fault(409, 'The name stands for another point of this video.'),
  TOO_MANY_CHECKPOINTS: fault(409, 'The video has as many named checkpoints as it may have: use one of them.'),
  RESTORE_UNDER_WAY: fault(409, 'Somebody else restores the video just now.', settling),
  STILL_SETTLING: fault(409, 'The video settles what is paid, after a cancel or its end. Try again.', settling),
  HISTORY_GONE: fault(410, 'Temporal does not keep what is needed any more.', { recoveryStrategy: 'none_needed' }),
  BODY_TOO_LARGE: fault(413, 'The body is over the limit.'),
  UNSUPPORTED_MEDIA_TYPE: fault(415, 'The content type is not taken here, or the content is not what it says.'),
  RANGE_NOT_SATISFIABLE: fault(416, 'The range lies outside the asset.'),
  ASSET_NOT_USABLE: fault(422, 'The asset named does not exist or is of the wrong kind.'),
  IDEMPOTENCY_KEY_REUSED: fault(422, 'The Idempotency-Key was used before with another body.', {
    recoveryStrategy: 'use_a_new_key',
  }),
  CHECKPOINT_UNKNOWN: fault(422, 'The video has no checkpoint of this name; the message names those there are.'),
  UPGRADE_REQUIRED: fault(426, 'Only a WebSocket can be opened here.'),
  TOO_MANY_MESSAGES: fault(429, 'Messages come faster than they are taken; this one was not carried out.', {
    ...{ category: 'TEMPORARY', maxRetries: 5, retryDelayMs: 1000, recoveryStrategy: 'retry_later' },
  }),
  TOO_MANY_VIDEOS: fault(429, 'As many videos are under way as may be; none was started. Send it again later.', {
    ...{ category: 'TEMPORARY', maxRetries: 5, retryDelayMs: 10_000, recoveryStrategy: 'retry_later' },
  }),
  UPLOAD_LIMIT_REACHED: fault(507, 'There are as many uploads as are kept: DELETE some.', {
    recoveryStrategy: 'delete_uploads',
  }),
  STORE_UNAVAILABLE: passing(503, 'The asset store did not answer in time. Try again.', 2000),
  TEMPORAL_UNAVAILABLE: passing(
    503,
    'Temporal did not answer in time. Try again, with the same Idempotency-Key.',
    2000,
  ),
  DATABASE_UNAVAILABLE: passing(503, 'The database did not answer in time. Try again.', 2000),
  NO_WORKER: passing(503, 'No worker has answered in time. Try again.', 2000),
  TOO_MANY_STREAMS: passing(503, 'As many live connections are open here as may be. Try again.', 5000),
  COMMAND_TIMED_OUT: passing(503, 'The command has not ended in time; what it began may still happen.', 2000),
  NOT_READY: passing(503, 'This gateway should not get traffic yet; the message says why.', 2000),
  INTERNAL: fault(500, 'A fault of ours; the log has it under the request id.', {
    severity: 'high',
    recoveryStrategy: 'report_to_operator',
  }),
} as const satisfies Record<string, ErrorRule>;

export type ErrorCode = keyof typeof ERROR_RULES;
export const ERROR_CODES = Object.keys(ERROR_RULES) as [ErrorCode, ...ErrorCode[]];

export const FieldFault = z
  .strictObject({
    field: z.string().describe('The field, parameter or header.'),
    message: z.string().describe('What is wrong with it, and what would be right.'),
  })
  .meta({ id: 'FieldFault' });
export type FieldFault = z.infer<typeof FieldFault>;

export const ErrorBody = z
  .strictObject({
    success: z.literal(false),
    error: z.strictObject({
      code: z.enum(ERROR_CODES).describe('Stable, for programs.'),
      message: z.string().describe('For people.'),
      details: z.array(FieldFault).describe('Every wrong field; empty when no field is to blame.'),
      category: z.enum(['PERMANENT', 'TEMPORARY']).describe('Whether the same request can succeed later.'),
      severity: z.enum(['low', 'medium', 'high']),
      retryable: z.boolean(),
      max_retries: z.int().nonnegative(),
      retry_delay_ms: z.int().nonnegative(),
      recovery_strategy: z.enum(RECOVERY_STRATEGIES),
    }),
    timestamp: z.iso.datetime(),
    request_id: z.uuid(),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.infer<typeof ErrorBody>;

/** The error as it goes out. */
export function errorBody(
  error: { code: ErrorCode; message: string; details: FieldFault[] },
  context: { requestId: string; now: Date },
): ErrorBody {
  const rule: ErrorRule = ERROR_RULES[error.code];
  return {
    success: false,
    error: {
      ...error,
      category: rule.category,
      severity: rule.severity,
      retryable: rule.maxRetries > 0,
      max_retries: rule.maxRetries,
      retry_delay_ms: rule.retryDelayMs,
      recovery_strategy: rule.recoveryStrategy,
    },
    timestamp: context.now.toISOString(),
    request_id: context.requestId,
  };
}
