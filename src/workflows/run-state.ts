import { log, upsertSearchAttributes } from '@temporalio/workflow';
import type { BranchOutcome, NarrationAsset, PictureAsset, SceneOutcome } from '../domain/outcome.ts';
import type { BranchProgress, Progress, Stage, VideoStatus } from '../domain/progress.ts';
import type { RunReport, VideoEvent } from '../domain/video-event.ts';
import { readModel } from './telling.ts';

type Branch = 'audio' | 'visual';

const STATUS = { name: 'status', type: 'KEYWORD' } as const;
const STAGE = { name: 'stage', type: 'KEYWORD' } as const;

/** The parent's knowledge of its run: the truth that the `progress` query answers from. */
export class RunState {
  #status: VideoStatus = 'running';
  #stage: Stage = 'script';
  readonly #video: RunReport['video'];
  readonly #before: Progress['branches'];
  #title: string | null = null;
  #entered = false;
  readonly #events: RunReport['events'] = [];
  readonly #sceneIds: { audio: string[] | null; visual: string[] | null } = { audio: null, visual: null };
  readonly #settled = new Map<string, SceneOutcome>();
  readonly #ended = new Set<Branch>();

  /** `branches`: of a run before, from which this one goes on. */
  constructor(video: RunReport['video'], branches: Progress['branches'] = { audio: null, visual: null }) {
    this.#video = video;
    this.#before = branches;
  }

  enter(stage: Stage): void {
    const left = this.#entered ? [{ type: 'stage_left', stage: this.#stage } as const] : [];
    this.#stage = stage;
    this.#entered = true;
    log.info('The video enters a stage', { stage });
    upsertSearchAttributes([
      { key: STATUS, value: this.#status },
      { key: STAGE, value: stage },
    ]);
    this.#tell([...left, { type: 'stage_entered', stage }]);
  }

  /** What the film is called, once its script says so. */
  entitle(title: string): void {
    this.#title = title;
  }

  become(status: VideoStatus): void {
    this.#status = status;
    log.info('The video has a new status', { status });
    upsertSearchAttributes([{ key: STATUS, value: status }]);
    if (status === 'cancelling') this.#tell([{ type: 'cancelling' }]);
    else this.#tell([{ type: 'stage_left', stage: this.#stage }], { closing: true });
  }

  /** A cancel has come; what is under way is being settled. */
  noteCancelling(): void {
    this.become('cancelling');
  }

  startBranch(branch: Branch, sceneIds: string[]): void {
    this.#sceneIds[branch] = sceneIds;
    this.#tell([{ type: 'branch_started', branch, sceneIds }]);
  }

  /** The first word on a scene stands: what a late branch says after the sync point is the same or nothing. */
  settle(outcome: SceneOutcome): void {
    const key = `${outcome.branch}/${outcome.sceneId}`;
    if (this.#settled.has(key)) return;
    this.#settled.set(key, outcome);
    const { branch, sceneId, status: state } = outcome;
    this.#tell([{ type: 'scene_settled', branch, sceneId, state, why: whyOf(outcome) }]);
  }

  settleBranch(branch: Branch, outcome: BranchOutcome): void {
    outcome.scenes.forEach((scene) => this.settle(scene));
    this.#ended.add(branch);
  }

  /** Nothing more comes of it. */
  hasEnded(branch: Branch): boolean {
    return this.#ended.has(branch);
  }

  /** The draft came another way than it should have. */
  noteDraftFallback(fallback: Omit<Extract<VideoEvent, { type: 'draft_fallback' }>, 'type'>): void {
    this.#tell([{ type: 'draft_fallback', ...fallback }]);
  }

  outcomeOf(branch: Branch, sceneId: string): SceneOutcome | undefined {
    return this.#settled.get(`${branch}/${sceneId}`);
  }

  /** A scene's recording; null while, or when, it has none. */
  narrationOf(sceneId: string): NarrationAsset | null {
    const outcome = this.outcomeOf('audio', sceneId);
    return outcome?.status === 'complete' && outcome.branch === 'audio' ? outcome.narration : null;
  }

  /** A scene's own picture; null while, or when, it has none. */
  pictureOf(sceneId: string): PictureAsset | null {
    const outcome = this.outcomeOf('visual', sceneId);
    if (outcome?.status !== 'complete' || outcome.branch !== 'visual') return null;
    return 'clip' in outcome ? outcome.clip : outcome.still;
  }

  progress(): Progress {
    return {
      status: this.#status,
      stage: this.#stage,
      waiting: null,
      branches: { audio: this.#branchProgress('audio'), visual: this.#branchProgress('visual') },
    };
  }

  #tell(events: VideoEvent[], { closing = false } = {}): void {
    const at = new Date().toISOString();
    this.#events.push(...events.map((event) => ({ at, event })));
    const account = { events: [...this.#events], progress: this.progress(), title: this.#title };
    readModel.hear({ video: this.#video, ...account, closing });
  }

  #branchProgress(branch: Branch): BranchProgress | null {
    const sceneIds = this.#sceneIds[branch];
    if (sceneIds === null) return this.#before[branch];
    const scenes = sceneIds.map((sceneId) => {
      const outcome = this.outcomeOf(branch, sceneId);
      if (outcome === undefined) return { sceneId, state: 'pending' as const, why: null };
      return { sceneId, state: outcome.status, why: whyOf(outcome) };
    });
    return { settled: scenes.filter(({ state }) => state !== 'pending').length, total: scenes.length, scenes };
  }
}

const whyOf = (outcome: SceneOutcome): string | null => (outcome.status === 'complete' ? null : outcome.failure.code);
