/** The three workflows of one video, each with a history of its own. */
export type Role = 'video' | 'audio' | 'visual';

/** Words of Temporal's own (event types, time-outs, types of activities), by the workflow in whose history they must stand. */
type Evidence = Partial<Record<Role, string[]>>;

const COMPLETED = 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED';
const FAILED = 'EVENT_TYPE_WORKFLOW_EXECUTION_FAILED';
const CANCELED = 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED';
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
} as const satisfies Record<string, Evidence>;

export type Shape = keyof typeof SHAPES;

/** Which workflows of a shape have a saved history, and what each must show. */
export const evidenceOf = (shape: Shape): [Role, string[]][] =>
  Object.entries(SHAPES[shape] as Evidence) as [Role, string[]][];
