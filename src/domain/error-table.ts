import type { RetryStrategies } from './config-files.ts';
import type { ProviderErrorKind } from './errors.ts';

export type ErrorClass = keyof RetryStrategies;

export const RECOVERY_STRATEGIES = [
  'correct_the_request',
  'check_the_address',
  'use_a_new_key',
  'retry_later',
  'none_needed',
  'delete_uploads',
  'report_to_operator',
] as const;
export type RecoveryStrategy = (typeof RECOVERY_STRATEGIES)[number];

export interface ErrorMeaning {
  /** For people. */
  meaning: string;
  category: 'TEMPORARY' | 'PERMANENT';
  severity: 'low' | 'medium' | 'high';
  /** What helps, once our own attempts are used up. */
  recoveryStrategy: RecoveryStrategy;
}

interface ProviderErrorMeaning extends ErrorMeaning {
  /** Which retry strategy serves it; null: no repetition mends it. */
  retry: ErrorClass | null;
  billed: 'no' | 'unknown';
  /** Whose circuit breaker counts it: what says that the way is broken counts for the channel too. */
  breaks: 'channel_and_service' | 'service' | 'nothing';
}

/** The one table of what a provider's error means: whatever decides or tells about one reads it here. */
export const PROVIDER_ERRORS: Record<ProviderErrorKind, ProviderErrorMeaning> = {
  network_error: {
    meaning: 'The provider could not be reached; nothing was sent.',
    ...{ category: 'TEMPORARY', severity: 'medium', recoveryStrategy: 'retry_later' },
    ...{ retry: 'network_errors', billed: 'no', breaks: 'channel_and_service' },
  },
  rate_limit: {
    meaning: 'The provider has had enough calls for now.',
    ...{ category: 'TEMPORARY', severity: 'low', recoveryStrategy: 'retry_later' },
    ...{ retry: 'api_rate_limit', billed: 'no', breaks: 'nothing' },
  },
  temporary_failure: {
    meaning: 'The provider had a fault of its own, and says so.',
    ...{ category: 'TEMPORARY', severity: 'medium', recoveryStrategy: 'retry_later' },
    ...{ retry: 'temporary_failures', billed: 'no', breaks: 'service' },
  },
  permanent: {
    meaning: 'The provider refuses the request as it is.',
    ...{ category: 'PERMANENT', severity: 'medium', recoveryStrategy: 'correct_the_request' },
    ...{ retry: null, billed: 'no', breaks: 'nothing' },
  },
  content_rejected: {
    meaning: 'What was asked for, or what was made, is not allowed there.',
    ...{ category: 'PERMANENT', severity: 'low', recoveryStrategy: 'correct_the_request' },
    ...{ retry: null, billed: 'no', breaks: 'nothing' },
  },
  provider_auth: {
    meaning: 'The account, its key or its rights: an operator has to act.',
    ...{ category: 'PERMANENT', severity: 'high', recoveryStrategy: 'report_to_operator' },
    ...{ retry: null, billed: 'no', breaks: 'nothing' },
  },
  quota: {
    meaning: 'An allowance is used up, and waiting does not bring it back soon.',
    ...{ category: 'PERMANENT', severity: 'high', recoveryStrategy: 'report_to_operator' },
    ...{ retry: null, billed: 'no', breaks: 'nothing' },
  },
  outcome_unknown: {
    meaning: 'It was sent and not answered, or not in a known form: it may have been made and billed.',
    ...{ category: 'TEMPORARY', severity: 'high', recoveryStrategy: 'retry_later' },
    // The desk decides whether there is a second purchase; this only says when.
    ...{ retry: 'temporary_failures', billed: 'unknown', breaks: 'channel_and_service' },
  },
};

const temporary = (meaning: string): ErrorMeaning => ({
  ...{ meaning, category: 'TEMPORARY', severity: 'medium', recoveryStrategy: 'retry_later' },
});
const ofTheRequest = (meaning: string): ErrorMeaning => ({
  ...{ meaning, category: 'PERMANENT', severity: 'low', recoveryStrategy: 'correct_the_request' },
});
const ofOurs = (meaning: string): ErrorMeaning => ({
  ...{ meaning, category: 'PERMANENT', severity: 'high', recoveryStrategy: 'report_to_operator' },
});

/** Codes of our own that a scene, a video or a wait can carry beside the providers' kinds. */
export const OWN_ERRORS = {
  circuit_open: temporary('The provider’s circuit breaker is open: nothing is sent until it is tried again.'),
  database_unavailable: temporary('The database is away: nothing is bought that cannot be written down first.'),
  timeout: temporary('The last attempt took longer than its time limit.'),
  worker_lost: temporary('The worker of the last attempt was lost.'),
  no_worker: temporary('No worker has answered.'),
  sync_timeout: temporary('It was not there when the time at the sync point was up.'),
  branch_lost: temporary('Its branch ended before it was done.'),
  branch_failed: temporary('A whole branch failed, and the failure strategy is fail_fast.'),
  no_real_pictures: temporary('Fewer real pictures were made than a film needs; the detail has the reason.'),
  max_cost_reached: ofTheRequest('Buying more would have passed max_cost.'),
  storyboard_invalid: temporary('The model wrote an invalid script twice.'),
  unknown_voice: ofTheRequest('The voice is not known.'),
  voice_not_served: ofTheRequest('The speech API that is set does not serve the voice.'),
  RUN_TIMED_OUT: temporary('The run had not ended at the age at which Temporal ends runs.'),
  RUN_FAILED: ofOurs('The run failed without a report.'),
  cancelled: { ...ofTheRequest('It was cancelled.'), recoveryStrategy: 'none_needed' },
  internal_error: ofOurs('A fault of ours; the run’s history has it.'),
} as const satisfies Record<string, ErrorMeaning>;

/** What a failure's code means to whoever asks; a code that is not in the table is a fault of ours. */
export function meaningOf(code: string): ErrorMeaning {
  const known: Record<string, ErrorMeaning> = { ...PROVIDER_ERRORS, ...OWN_ERRORS };
  return known[code] ?? OWN_ERRORS.internal_error;
}
