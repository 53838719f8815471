import assert from 'node:assert/strict';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { AllottedBudget } from '../../src/activities/budget.ts';
import type { Activities } from '../../src/activities/index.ts';
import { lookAtLine } from '../../src/activities/line.ts';
import type { AssetRef } from '../../src/domain/asset.ts';
import { videoIdOf } from '../../src/domain/ids.ts';
import type { ClipAsset, NarrationAsset, SceneFailure, StillAsset } from '../../src/domain/outcome.ts';

/**
 * How one activity ends. `slowly` takes far longer than a workflow task. `late` and `settles` go on until cancelled: the one has nothing by then, the other has what it
 * paid for. `silent` goes on without a heartbeat, as on a worker that is gone.
 */
export type Behaviour = 'made' | 'slowly' | 'refused' | 'late' | 'settles' | 'silent';

/** What a run's activities do; whatever is not named is made at once. */
export interface Plan {
  script?: Behaviour;
  scenes?: number;
  /** By scene id. */
  stills?: Record<string, Behaviour>;
  narrations?: Record<string, Behaviour>;
  /** By scene id: how ordering and waiting end, and how tasks do that fail, one after the other. */
  clips?: Record<string, { orders?: Behaviour; waits?: Behaviour; ends?: { failure: SceneFailure; again: boolean }[] }>;
  /** Scenes of a film of clips that stand still. */
  standing?: string[];
  /** Of refused prompts, by scene id. */
  rewrites?: Record<string, Behaviour>;
  /** Scenes that an earlier video has a similar picture of. */
  similar?: string[];
  search?: Behaviour;
  tooDear?: Partial<AllottedBudget>;
  render?: Behaviour;
  freezing?: Behaviour;
  encoding?: Behaviour;
  /** What is done within workflow tasks; done apart from them, it is made. */
  withinTask?: Behaviour;
}

/** Scenes whose segments were wanted, and those whose pictures came along. */
export interface Batch {
  scenes: string[];
  pictures: string[];
}

const HEARTBEAT_MS = 100;
const SLOWLY_MS = 300;

/** The product's activities as a workflow sees them, without anything behind: each run has a plan of its own. */
export class FakeActivities {
  readonly #plans = new Map<string, Plan>();
  readonly #calls = new Map<string, string[]>();
  readonly #stillsUnderWay = new Map<string, { now: number; most: number }>();

  readonly #batches = new Map<string, Batch[]>();

  plan(videoId: string, plan: Plan): void {
    this.#plans.set(videoId, plan);
  }

  /** Names of the activities that were begun, in order. */
  callsOf = (videoId: string): string[] => this.#calls.get(videoId) ?? [];

  /** What was encoded ahead, batch by batch. */
  batchesOf = (videoId: string): Batch[] => this.#batches.get(videoId) ?? [];

  mostStillsAtOnce = (videoId: string): number => this.#stillsUnderWay.get(videoId)?.most ?? 0;

  readonly activities: Activities = {
    writeStoryboard: async () => {
      const { script = 'made', scenes = 2, standing = [] } = this.#begin('writeStoryboard');
      await behave(script);
      return {
        ...{ title: 'A film', language: 'en' },
        scenes: Array.from({ length: scenes }, (_, index) => ({
          ...{ id: `s${index + 1}`, narration: `Line ${index + 1}.`, imagePrompt: `Picture ${index + 1}` },
          ...(standing.includes(`s${index + 1}`) ? { shot: 'still' as const } : {}),
        })),
      };
    },
    // The product's own: the line is Temporal's.
    lookAtLine: (input) => {
      this.#begin('lookAtLine');
      return lookAtLine(input);
    },
    sendWebhook: () => assert.fail('no webhook here'),
    rewriteNarration: async () => {
      this.#begin('rewriteNarration');
      return [];
    },
    rewritePicturePrompt: async ({ sceneId }) => {
      const behaviour = this.#begin('rewritePicturePrompt').rewrites?.[sceneId];
      await behave(behaviour);
      return 'In other words';
    },
    findSimilarPictures: async ({ scenes }) => {
      const { similar = [], search } = this.#begin('findSimilarPictures');
      await behave(search);
      return scenes
        .filter(({ sceneId }) => similar.includes(sceneId))
        .map(({ sceneId }) => ({ sceneId, still, from: { videoId: 'v-earlier', sceneId: 's1' } }));
    },
    allotBudget: async () => {
      const { tooDear = {} } = this.#begin('allotBudget');
      return { sufficient: true, stills: [], narrations: [], ...tooDear };
    },
    synthesizeNarration: async ({ sceneId }) => {
      await behave(this.#begin('synthesizeNarration').narrations?.[sceneId]);
      return narration;
    },
    generateStill: async ({ videoId, sceneId }) => {
      const behaviour = this.#begin('generateStill').stills?.[sceneId];
      const underWay = this.#stillsUnderWay.get(videoId) ?? { now: 0, most: 0 };
      this.#stillsUnderWay.set(videoId, underWay);
      underWay.most = Math.max(underWay.most, ++underWay.now);
      try {
        await behave(behaviour);
        return still;
      } finally {
        underWay.now--;
      }
    },
    startClip: async ({ sceneId, tenant, videoId }) => {
      const { orders } = this.#begin('startClip').clips?.[sceneId] ?? {};
      await behave(orders);
      const key = { tenant, videoId, sceneId, purpose: 'clip' as const };
      return { taskId: `cgt-${sceneId}`, model: 'none', channel: 'http_channel', key, seed: 1, kept: null };
    },
    awaitClip: async ({ key }) => {
      const { waits, ends = [] } = this.#begin('awaitClip').clips?.[key.sceneId ?? ''] ?? {};
      await behave(waits);
      const end = ends.shift();
      return end === undefined ? { status: 'made' } : { status: 'failed', ...end };
    },
    keepClip: async () => {
      this.#begin('keepClip');
      return clip;
    },
    takeOwnPicture: async () => {
      this.#begin('takeOwnPicture');
      return still;
    },
    takeOwnClip: async () => {
      this.#begin('takeOwnClip');
      return { ...clip, model: 'own' };
    },
    takeOwnNarration: async () => {
      this.#begin('takeOwnNarration');
      return narration;
    },
    layOutFilm: async () => {
      await this.#glue('layOutFilm');
      return { timeline: ref('application/json'), degradations: [] };
    },
    freezeFilm: async () => {
      await behave((await this.#glue('freezeFilm')).freezing);
      return { film: ref('application/json') };
    },
    encodeSegments: async ({ videoId, scenes, pictures }) => {
      const shownScenes = pictures.map(({ sceneId }) => sceneId);
      this.#batches.set(videoId, [...this.batchesOf(videoId), { scenes, pictures: shownScenes }]);
      await behave(this.#begin('encodeSegments').encoding);
      return { frames: 30 * scenes.length };
    },
    renderVideo: async () => {
      await behave(this.#begin('renderVideo').render);
      return {
        ...{ video: ref('video/mp4'), cover: ref('image/jpeg'), captions: null, subtitles: null, durationSeconds: 5 },
        quality: {
          ...{ loudnessLufs: null, truePeakDbtp: null, durationErrorMs: 0, captionTimingErrorMs: null },
          ...{ scenes: [], belowThreshold: [] },
        },
      };
    },
    writeDraft: async ({ videoId }) => {
      this.#begin('writeDraft');
      return { draftId: `draft-${videoId}`, draft: ref('application/zip') };
    },
    closeLedger: async () => {
      await this.#glue('closeLedger');
      return { cost: { currency: 'CNY', total: 0, lines: [] }, sandbox: true };
    },
    discardWork: async () => void (await this.#glue('discardWork')),
  };

  async #glue(name: keyof Activities): Promise<Plan> {
    const plan = this.#begin(name);
    if (Context.current().info.isLocal) await behave(plan.withinTask);
    return plan;
  }

  /** The plan of the run that asks. */
  #begin(name: keyof Activities): Plan {
    const workflowId = Context.current().info.workflowExecution?.workflowId.split('/')[0] ?? '';
    const videoId = videoIdOf(workflowId) ?? '';
    this.#calls.set(videoId, [...this.callsOf(videoId), name]);
    return this.#plans.get(videoId) ?? {};
  }
}

async function behave(behaviour: Behaviour = 'made'): Promise<void> {
  const context = Context.current();
  switch (behaviour) {
    case 'made':
      return;
    case 'refused':
      throw ApplicationFailure.create({ message: 'It was refused.', type: 'content_rejected', nonRetryable: true });
    case 'slowly':
      return context.sleep(SLOWLY_MS);
    case 'silent':
      return context.cancelled;
    case 'late':
    case 'settles': {
      const beats = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
      try {
        await context.cancelled;
      } catch (error) {
        if (behaviour === 'late') throw error;
      } finally {
        clearInterval(beats);
      }
    }
  }
}

function ref(mediaType: string): AssetRef {
  const sha256 = '0'.repeat(64);
  return { uri: `asset:${sha256}`, mediaType, sizeBytes: 1000, sha256 };
}

const narration: NarrationAsset = { audio: ref('audio/wav'), durationMs: 1000, words: ref('application/json') };
const still: StillAsset = { image: ref('image/jpeg'), width: 360, height: 640, model: 'none' };
const clip: ClipAsset = { clip: ref('video/mp4'), width: 360, height: 640, durationMs: 4000, model: 'none' };
