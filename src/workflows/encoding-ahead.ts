import {
  ActivityFailure,
  CancellationScope,
  condition,
  isCancellation,
  log,
  proxyActivities,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { AssetRef } from '../domain/asset.ts';
import type { GenerateVideoInput } from '../domain/generate-video.ts';
import type { Storyboard } from '../domain/storyboard.ts';
import { shown } from '../domain/substitution.ts';
import { glue } from './glue.ts';
import * as profiles from './profiles.ts';
import type { RunState } from './run-state.ts';
import { shortenNarration, type Shortened } from './shorten-narration.ts';
import { spokenScenes } from './spoken-scenes.ts';
import { type SpokenScene, wordsOf } from './words-of.ts';

const freezeFilm = glue((activities) => activities.freezeFilm, profiles.freeze);
const { encodeSegments } = proxyActivities<Activities>(profiles.encode);

/**
 * Encodes the film while its pictures are still being made. Once all narration is measured nothing of the film changes but
 * its pictures: it is frozen, and each scene's segments are encoded as soon as the pictures that they show are there, one
 * batch after the other. An improvement only: whatever is not encoded by the sync point, the film's render encodes.
 */
export class EncodingAhead {
  readonly #input: GenerateVideoInput;
  readonly #state: RunState;
  readonly #scope = new CancellationScope();
  #isOpen = true;
  #work: Promise<void> | null = null;
  #shortened: Promise<Shortened> | null = null;

  constructor(input: GenerateVideoInput, state: RunState) {
    this.#input = input;
    this.#state = state;
  }

  /** Begins by itself when the narration is settled, if that comes before `close`. */
  start(storyboard: Storyboard): void {
    this.#work = this.#scope.run(() => this.#run(storyboard));
    // Whoever waits for it hears of it.
    this.#work.catch(() => {});
  }

  /** Whether there is anything to wait for. */
  get isStarted(): boolean {
    return this.#work !== null;
  }

  /** The sync point has come: nothing more is begun. Gives what became of lines that are too long; null: nobody has asked. */
  close(): Promise<Shortened> | null {
    this.#isOpen = false;
    return this.#shortened;
  }

  /** Resolves when what is under way is done: until then nobody else encodes. */
  async settled(): Promise<void> {
    await this.#work;
  }

  /** Ends what is under way, and waits for its end. */
  async end(): Promise<void> {
    this.#isOpen = false;
    this.#scope.cancel();
    await Promise.allSettled([this.#work]);
  }

  async #run(storyboard: Storyboard): Promise<void> {
    await condition(() => !this.#isOpen || this.#isMeasured(storyboard));
    if (!this.#isOpen || this.#isLost(storyboard)) return;
    this.#shortened = shortenNarration(this.#input, storyboard, { state: this.#state, late: false });
    const { retakes } = await this.#shortened;
    if (!this.#isOpen) return;
    try {
      const film = await this.#freeze(storyboard, wordsOf(storyboard, { state: this.#state, retakes }));
      await this.#encode(film, storyboard);
    } catch (error) {
      if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
      log.warn('The film could not be encoded ahead: its render does it');
    }
  }

  #isMeasured(storyboard: Storyboard): boolean {
    return spokenScenes(this.#input, storyboard).length === 0 || this.#state.hasEnded('audio');
  }

  /** Under `fail_fast` there is no film without any narration. */
  #isLost(storyboard: Storyboard): boolean {
    const spoken = spokenScenes(this.#input, storyboard);
    const none = spoken.length > 0 && spoken.every(({ id }) => this.#state.narrationOf(id) === null);
    return none && this.#input.policy.sync.failureStrategy === 'fail_fast';
  }

  async #freeze({ title, language }: Storyboard, scenes: SpokenScene[]): Promise<AssetRef> {
    const { spec, canvas } = this.#input;
    return (await freezeFilm({ spec, canvas, title, language, scenes })).film;
  }

  /** Batch by batch; whatever comes while one is under way is in the next. The first has the sound, whatever pictures there are. */
  async #encode(film: AssetRef, storyboard: Storyboard): Promise<void> {
    const { videoId, tenant, spec } = this.#input;
    const seen = new Set<string>();
    let doneFrames = 0;
    for (let isFirst = true; this.#isOpen;) {
      const { scenes, pictures } = this.#ready(storyboard, seen);
      if (scenes.length > 0 || isFirst) {
        const batch = { videoId, tenant, film, format: spec.format, scenes, pictures, doneFrames };
        const encoded = await unlessCrowdedOut(encodeSegments(batch));
        // What was crowded out is in the next batch, with what has come meanwhile.
        if (encoded === null) continue;
        scenes.forEach((id) => seen.add(id));
        doneFrames += encoded.frames;
        isFirst = false;
      }
      if (seen.size === storyboard.scenes.length) return;
      await condition(() => !this.#isOpen || this.#ready(storyboard, seen).scenes.length > 0);
    }
  }

  /** Scenes that have their picture and were not seen yet; their pictures and those beside them. */
  #ready({ scenes: ordered }: Storyboard, seen: ReadonlySet<string>) {
    const all = ordered.map(({ id }) => ({ sceneId: id, picture: this.#state.pictureOf(id) }));
    const isNew = (at: number): boolean => {
      const scene = all[at];
      return scene !== undefined && scene.picture !== null && !seen.has(scene.sceneId);
    };
    const pictures = all.flatMap(({ sceneId, picture }, at) =>
      picture !== null && [at - 1, at, at + 1].some(isNew) ? [{ sceneId, picture: shown(picture) }] : [],
    );
    return { scenes: all.filter((_, at) => isNew(at)).map(({ sceneId }) => sceneId), pictures };
  }
}

/** Null: nobody had a slot for it. A film that waits for its last pictures does not wait for those of others besides. */
async function unlessCrowdedOut<Result>(work: Promise<Result>): Promise<Result | null> {
  try {
    return await work;
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : null;
    if (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START') return null;
    throw error;
  }
}
