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
  /** Whether the same call may go better over another channel: what is at fault is this one, or its key. */
  elsewhere: boolean;
}

/** The one table of what a provider's error means: whatever decides or tells about one reads it here. */
export const PROVIDER_ERRORS: Record<ProviderErrorKind, ProviderErrorMeaning> = {
  network_error: {
    meaning: 'The provider could not be reached; nothing was sent.',
    ...{ category: 'TEMPORARY', severity: 'medium', recoveryStrategy: 'retry_later' },
    ...{ retry: 'network_errors', billed: 'no', breaks: 'channel_and_service', elsewhere: true },
  },
  rate_limit: {
    meaning: 'The provider has had enough calls for now.',
    ...{ category: 'TEMPORARY', severity: 'low', recoveryStrategy: 'retry_later' },
    ...{ retry: 'api_rate_limit', billed: 'no', breaks: 'nothing', elsewhere: false },
  },
  temporary_failure: {
    meaning: 'The provider had a fault of its own, and says so.',
    ...{ category: 'TEMPORARY', severity: 'medium', recoveryStrategy: 'retry_later' },
    ...{ retry: 'temporary_failures', billed: 'no', breaks: 'service', elsewhere: false },
  },
  permanent: {
    meaning: 'The provider refuses the request as it is.',
    ...{ category: 'PERMANENT', severity: 'medium', recoveryStrategy: 'correct_the_request' },
    ...{ retry: null, billed: 'no', breaks: 'nothing', elsewhere: false },
  },
  content_rejected: {
    meaning: 'What was asked for, or what was made, is not allowed there.',
    ...{ category: 'PERMANENT', severity: 'low', recoveryStrategy: 'correct_the_request' },
    ...{ retry: null, billed: 'no', breaks: 'nothing', elsewhere: false },
  },
  provider_auth: {
    meaning: 'The account, its key or its rights: an operator has to act.',
    ...{ category: 'PERMANENT', severity: 'high', recoveryStrategy: 'report_to_operator' },
    ...{ retry: null, billed: 'no', breaks: 'nothing', elsewhere: true },
  },
  quota: {
    meaning: 'An allowance is used up, and waiting does not bring it back soon.',
    ...{ category: 'PERMANENT', severity: 'high', recoveryStrategy: 'report_to_operator' },
    ...{ retry: null, billed: 'no', breaks: 'nothing', elsewhere: false },
  },
  outcome_unknown: {
    meaning: 'It was sent and not answered, or not in a known form: it may have been made and billed.',
    ...{ category: 'TEMPORARY', severity: 'high', recoveryStrategy: 'retry_later' },
    // The desk decides whether there is a second purchase; this only says when.
    ...{ retry: 'temporary_failures', billed: 'unknown', breaks: 'channel_and_service', elsewhere: true },
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
  in_line: temporary('Other videos have all slots for such calls; its turn comes.'),
  provider_queued: temporary('The provider has taken the order, and has not begun with it.'),
  no_room: temporary('The disk is full: nothing is bought that could not be stored.'),
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
  // Of what the user has brought, or asked for.
  asset_missing: ofTheRequest('An asset that the video needs is not there (any more).'),
  unreadable_asset: ofTheRequest('An uploaded file cannot be used for what it is named for.'),
  clip_called_off: temporary('Its task was called off, or expired, at the provider before the clip was made.'),
  unusable_reference_image: ofTheRequest('The reference picture cannot be used.'),
  asset_too_large: ofTheRequest('A file is larger than it may be.'),
  too_many_uploads: ofTheRequest('The tenant has as many uploads as it may have.'),
  narration_too_long: ofTheRequest('The narration does not fit into the film, even at a quick tempo.'),
  narration_too_long_for_voice: ofTheRequest('A line is longer than the speech API takes.'),
  text_too_long: ofTheRequest('The text does not fit where it is to be shown.'),
  deadline: {
    ...ofTheRequest('It was left out, so that the film is there at its deadline.'),
    recoveryStrategy: 'none_needed',
  },
  // Of the installation.
  asset_damaged: ofOurs('A stored file is not what it was when it was stored.'),
  asset_store_refused: ofOurs('The asset store refuses, by its own account for good.'),
  ledger_damaged: ofOurs('A record of what was paid cannot be read.'),
  font_missing: ofOurs('A font that films need is not installed.'),
  ffmpeg_missing: ofOurs('There is no ffmpeg that can make films.'),
  speech_credentials_missing: ofOurs('The key of the speech API is not set.'),
  unknown_image_model: ofOurs('The image model that is set is not known; set its family, too.'),
  no_legal_image_size: ofOurs('The image model that is set makes no picture of this ratio.'),
  unknown_clip_model: ofOurs(
    'The video model that is set is not known, or makes no clip from words; set its family, too.',
  ),
  invalid_timeline: ofOurs('The timeline breaks a rule of its own.'),
  invalid_video_id: ofOurs('A video’s id is not one.'),
  too_many_takes: ofOurs('A line was to be recorded more often than it may be.'),
  no_draft_channel: ofOurs('No way to make a draft is configured.'),
  not_media: ofTheRequest('The file is not a media file.'),
  not_a_draft: ofTheRequest('The folder is no draft.'),
  // Of runs that could say nothing themselves.
  RUN_TIMED_OUT: temporary('The run had not ended at the age at which Temporal ends runs.'),
  RUN_FAILED: ofOurs('The run failed without a report.'),
  RUN_LOST: temporary('Temporal does not know the run any more.'),
  cancelled: { ...ofTheRequest('It was cancelled.'), recoveryStrategy: 'none_needed' },
  internal_error: ofOurs('A fault of ours; the run’s history has it.'),
} as const satisfies Record<string, ErrorMeaning>;
/** What checks of drafts say of one: found in a draft of ours, each is a fault of ours. */
export type DraftErrorCode = `draft_${string}`;
export type OwnErrorCode = keyof typeof OWN_ERRORS | DraftErrorCode;

/** What a failure's code means to whoever asks; a code that is not in the table is a fault of ours. */
export function meaningOf(code: string): ErrorMeaning {
  const known: Record<string, ErrorMeaning> = { ...PROVIDER_ERRORS, ...OWN_ERRORS };
  return known[code] ?? OWN_ERRORS.internal_error;
}
