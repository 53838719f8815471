import { ActivityFailure, isCancellation, log, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { GenerateVideoInput } from '../domain/generate-video.ts';
import type { NarrationAsset } from '../domain/outcome.ts';
import type { Degradation } from '../domain/degradation.ts';
import { ownMaterialOf } from '../domain/material-of-scene.ts';
import { planRewrite } from '../domain/rewrite-plan.ts';
import type { Storyboard } from '../domain/storyboard.ts';
import { isTimeFor, leftOutForDeadline } from './extras.ts';
import * as profiles from './profiles.ts';
import type { RunState } from './run-state.ts';

const { rewriteNarration } = proxyActivities<Activities>(profiles.script);

/** A scene's line in fewer words, and its recording. */
export interface Retake {
  text: string;
  narration: NarrationAsset;
}

export interface Shortened {
  /** By scene. */
  retakes: Map<string, Retake>;
  degradations: Degradation[];
}

const NOT_SHORTENED: Shortened = { retakes: new Map(), degradations: [] };

/**
 * Narration that would not fit even at a quick tempo is shortened, once: its longest lines are rewritten and recorded
 * anew. Where that fails, the line stays as it was and the tempo makes up for it; `late` runs do not try. A user's own
 * words are never touched.
 */
export async function shortenNarration(
  input: GenerateVideoInput,
  storyboard: Storyboard,
  { state, late }: { state: RunState; late: boolean },
): Promise<Shortened> {
  const lines = linesToShorten(input, storyboard, state);
  if (lines.length === 0) return NOT_SHORTENED;
  if (late || !isTimeFor('shortening', input)) {
    const detail = 'No time was left: lines that are too long were not rewritten.';
    const lacks = leftOutForDeadline({ what: 'narration', detail, replacedBy: 'faster speech' });
    const why = input.spec.deadline === null ? 'sync_timeout' : lacks.why;
    return { ...NOT_SHORTENED, degradations: [{ ...lacks, why }] };
  }
  const { videoId, tenant, spec } = input;
  const rewritten =
    (await orNull(rewriteNarration({ videoId, tenant, spec, language: storyboard.language, lines }))) ?? [];

  const { synthesizeNarration } = proxyActivities<Activities>(profiles.underWay(profiles.generate(input.policy.audio)));
  const retakes = rewritten.map(async ({ sceneId, text }): Promise<[string, Retake] | null> => {
    const order = { videoId, tenant, sceneId, text, voice: spec.voiceType, maxCost: spec.maxCost, take: 2 };
    const narration = await orNull(synthesizeNarration(order));
    return narration === null ? null : [sceneId, { text, narration }];
  });
  const taken = (await Promise.all(retakes)).filter((retake) => retake !== null);
  return { retakes: new Map(taken), degradations: [] };
}

function linesToShorten({ spec }: GenerateVideoInput, { scenes, language }: Storyboard, state: RunState) {
  const plan = planRewrite({
    durationSeconds: spec.durationSeconds,
    fps: spec.fps,
    language,
    scenes: scenes.map(({ id, narration }) => ({
      sceneId: id,
      text: narration,
      durationMs: state.narrationOf(id)?.durationMs ?? null,
      fixed: ownMaterialOf(spec.ownMaterial, id).text !== null,
    })),
  });
  return (plan ?? []).flatMap(({ sceneId, maxLength }) => {
    const text = scenes.find(({ id }) => id === sceneId)?.narration;
    return text === undefined ? [] : [{ sceneId, text, maxLength }];
  });
}

/** An improvement that cannot be had is no failure. */
async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    log.warn('A line could not be shortened');
    return null;
  }
}
