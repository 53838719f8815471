/** The workflows of one video, each with a history of its own. */
export type Role = 'video' | 'audio' | 'visual' | 'webhook';

/** Words of Temporal's own (event types, time-outs, types of activities), by the workflow in whose history they must stand. */
type Evidence = Partial<Record<Role, string[]>>;

const COMPLETED = 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED';
const FAILED = 'EVENT_TYPE_WORKFLOW_EXECUTION_FAILED';
const CANCELED = 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED';
const CONTINUED_AS_NEW = 'EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW';
const CANCEL_REQUESTED = 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED';

/**
 * Every way through the workflows that a release must go on being able to replay. The evidence says what makes a
 * history one of its shape, so that a scenario which did not come about cannot be saved under its name.
 */
export const SHAPES = {
  /** All is well. */
  success: { video: [COMPLETED], audio: [COMPLETED], visual: [COMPLETED] },
  /** One picture is refused. */
  partial: { video: [COMPLETED], audio: [COMPLETED], visual: ['EVENT_TYPE_ACTIVITY_TASK_FAILED', COMPLETED] },
  /** No narration is asked for, so there is no audio branch. */
  'without-narration': { video: [COMPLETED], visual: [COMPLETED] },
  /** A scene shows the user's own clip. */
  'own-clip': { video: [COMPLETED], audio: [COMPLETED], visual: ['takeOwnClip', COMPLETED] },
  /** More scenes than a branch may work on at once. */
  narrow: { video: [COMPLETED], audio: [COMPLETED], visual: [COMPLETED] },
  /** A person cancels while both branches are half done. */
  cancelled: {
    video: [CANCEL_REQUESTED, CANCELED],
    audio: [CANCEL_REQUESTED, COMPLETED],
    visual: [CANCEL_REQUESTED, COMPLETED],
  },
  /** A person cancels while the script is written: it is paid, so it is waited for, and then nothing else is begun. */
  'cancelled-script': { video: [CANCEL_REQUESTED, 'EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED', CANCELED] },
  /** A person cancels while ffmpeg works. */
  'cancelled-composing': { video: [CANCEL_REQUESTED, 'EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED', CANCELED] },
  /** The visual branch is late at the sync point. */
  'sync-timeout': {
    video: ['EVENT_TYPE_TIMER_FIRED', COMPLETED],
    audio: [COMPLETED],
    visual: [CANCEL_REQUESTED, COMPLETED],
  },
  /** Others have all slots when the time at the sync point is up. */
  'in-line': { video: ['lookAtLine', '2026-11-in-line', COMPLETED], visual: [COMPLETED] },
  /** The deadline leaves less time than the policy. */
  deadline: { video: [COMPLETED] },
  /** No real picture. */
  failed: { video: [FAILED], audio: [COMPLETED], visual: ['EVENT_TYPE_ACTIVITY_TASK_FAILED', COMPLETED] },
  /** The first failed branch ends the other. */
  'fail-fast': {
    video: [FAILED],
    audio: [CANCEL_REQUESTED, COMPLETED],
    visual: ['EVENT_TYPE_ACTIVITY_TASK_FAILED', COMPLETED],
  },
  /** There is no script, so there are no branches. */
  'script-failed': { video: ['EVENT_TYPE_ACTIVITY_TASK_FAILED', FAILED] },
  /** kill -9 of the worker while pictures are under way. */
  'worker-killed': { video: [COMPLETED], audio: [COMPLETED], visual: ['TIMEOUT_TYPE_HEARTBEAT', COMPLETED] },
  /** An operator terminates a branch; what its scenes had told before stands. */
  'branch-terminated': { video: ['EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED', COMPLETED] },
  /** An operator terminates the video: its branches stop buying and end, with nobody left to tell. */
  'video-terminated': { visual: [CANCEL_REQUESTED, 'EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_FAILED', COMPLETED] },
  /** A limited sum is spent in one order, and not all of it is enough. */
  'max-cost': { video: ['allotBudget', COMPLETED], visual: [COMPLETED] },
  /** It reaches for the script only. */
  'max-cost-failed': { video: ['allotBudget', FAILED] },
  /** A lost picture, where an earlier film has a similar one. */
  'similar-picture': { video: ['findSimilarPictures', COMPLETED] },
  /** A refused prompt in other words. */
  'prompt-rewritten': { video: [COMPLETED], visual: ['rewritePicturePrompt', COMPLETED] },
  /** No time for what a film can do without. */
  'deadline-near': { video: ['deadline-extras', COMPLETED] },
  /** A film of clips: one task fails, one clip is found to be late and becomes a still. */
  clips: { video: [COMPLETED], visual: ['startClip', 'awaitClip', 'keepClip', 'generateStill', COMPLETED] },
  /** One picture is late: the film is encoded while it is waited for. */
  streamed: { video: ['freezeFilm', 'encodeSegments', COMPLETED] },
  /** The account is wanted while the database is away: it is not had within the run's own task. */
  'glue-apart': { video: ['2026-11-lean', 'core_local_activity', 'database_unavailable', 'closeLedger', COMPLETED] },
  /** A person cancels meanwhile. */
  'cancelled-streaming': { video: ['encodeSegments', CANCEL_REQUESTED, CANCELED] },
  /** Taken back to a checkpoint while both branches are half done. */
  'restored-under-way': {
    video: ['EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED', CONTINUED_AS_NEW],
    audio: [CANCEL_REQUESTED, COMPLETED],
    visual: [CANCEL_REQUESTED, COMPLETED],
  },
  /** A receiver that takes the second attempt, and one that wants no more. */
  webhook: { webhook: ['sendWebhook', 'EVENT_TYPE_TIMER_FIRED', COMPLETED] },
  'webhook-dead': { webhook: ['sendWebhook', 'http_410', COMPLETED] },
  /** The runs that go on from a checkpoint: with the script, with all assets, with the film. */
  'restored-after-script': { video: ['after_script', COMPLETED], audio: [COMPLETED], visual: [COMPLETED] },
  'restored-after-assets': { video: ['after_assets', COMPLETED] },
  'restored-after-compose': { video: ['after_compose', COMPLETED] },
} as const satisfies Record<string, Evidence>;

export type Shape = keyof typeof SHAPES;

/** Which workflows of a shape have a saved history, and what each must show. */
export const evidenceOf = (shape: Shape): [Role, string[]][] =>
  Object.entries(SHAPES[shape] as Evidence) as [Role, string[]][];
