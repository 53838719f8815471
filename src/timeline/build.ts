import type { AssetRef } from '../domain/asset.ts';
import type { Canvas, FrameRate } from '../domain/canvas.ts';
import type { Degradation } from '../domain/degradation.ts';
import { PermanentError } from '../domain/errors.ts';
import type { Label } from '../domain/labelling.ts';
import { NATURAL_TEMPO } from '../domain/speech-pace.ts';
import type { ScenePicture } from '../domain/substitution.ts';
import type { WordTiming } from '../domain/word-timing.ts';
import { captionsOf, estimatedSeconds } from './captions.ts';
import { framePlan } from './frame-plan.ts';
import { frameOfUs, usOfFrame } from './frames.ts';
import { layLabels } from './labels.ts';
import { pace, type Pace } from './pacing.ts';
import type {
  CaptionSegment,
  Motion,
  MusicSegment,
  MusicSource,
  NarrationSegment,
  PictureSegment,
  PictureSource,
  Timeline,
} from './timeline.ts';
import { layTitles } from './titles.ts';

export interface TimelineScene {
  sceneId: string;
  /** What is spoken and captioned. */
  narration: string;
  /** Null for a scene that stays silent: its captions are timed by the text. */
  audio: { asset: AssetRef; durationMs: number; words: readonly WordTiming[]; wordsAsset?: AssetRef } | null;
  picture: ScenePicture;
  /** A few words drawn large over the picture; none by default. */
  onScreenText?: string | null;
}

export interface BuildInput {
  canvas: Canvas;
  fps: FrameRate;
  durationSeconds: number;
  captions: 'karaoke' | 'line' | 'none';
  title: string;
  language: string;
  music: MusicSource | null;
  /** The visible AI label; none by default. */
  label?: Label | null;
  scenes: readonly TimelineScene[];
}

const TRANSITION_SECONDS = 0.5;
/** Below this a crossfade looks like a fault. */
const LEAST_TRANSITION_FRAMES = 5;
/** The picture changes a little after the pause's middle, so that the new scene begins with its picture. */
const CUT_IN_PAUSE = 0.6;
const MUSIC = { volumeDb: -8, alone: -3, fadeInSeconds: 0.6, fadeOutSeconds: 1.5 };
/** Zoom grows with the time a picture stands, so that all move at about the same speed. */
const ZOOM = { least: 0.04, perSecond: 0.014, most: 0.14 };
/** A clip that is a little short is played slower rather than twice; below this, slow motion shows. */
const SLOWEST_CLIP = 0.8;

/** Lays out a film of exactly the length asked for. Pure: the same input gives the same timeline. */
export function buildTimeline(input: BuildInput): { timeline: Timeline; degradations: Degradation[] } {
  const { fps, scenes } = input;
  const totalFrames = input.durationSeconds * fps;
  if (scenes.length === 0) throw new PermanentError('invalid_timeline', 'A film needs at least one scene.');
  if (scenes.length * 2 > totalFrames)
    throw new PermanentError('invalid_timeline', 'More scenes than the film has room for.');

  const speeches = scenes.map(({ narration, audio }) => ({
    frames: audio === null ? estimatedSeconds(narration, input.language) * fps : (audio.durationMs * fps) / 1000,
    spoken: audio !== null,
  }));
  const paced = pace(speeches, { totalFrames, fps });
  const pictures = layPictures(input, paced);
  const { captions, dropped } = layCaptions(input, { paced, pictures });
  const labels = layLabels(input.label ?? null, { totalFrames, fps });
  const titles = layTitles(
    scenes.map(({ onScreenText }) => onScreenText ?? null),
    { canvas: input.canvas, fps, language: input.language, tracks: { pictures, labels } },
  );
  return {
    timeline: {
      version: 1,
      canvas: { width: input.canvas.width, height: input.canvas.height },
      fps,
      durationUs: usOfFrame(totalFrames, fps),
      title: input.title,
      language: input.language,
      tracks: {
        pictures,
        narration: layNarration(input, paced),
        music: layMusic(input),
        captions,
        labels,
        titles,
      },
    },
    degradations: degradationsOf(input, { paced, dropped }),
  };
}

/** A span on frame boundaries. The end, not the length, is rounded, so that neighbours touch. */
function spanOf(start: number, end: number, fps: number): { startUs: number; durationUs: number } {
  const startUs = usOfFrame(start, fps);
  return { startUs, durationUs: usOfFrame(end, fps) - startUs };
}

function layPictures({ scenes, fps, durationSeconds }: BuildInput, { spans: speeches }: Pace): PictureSegment[] {
  const wanted = 2 * Math.floor((TRANSITION_SECONDS * fps) / 2) + 1;
  const cuts = speeches.map((span, index) => {
    const before = speeches[index - 1];
    return before === undefined ? 0 : cutIn({ from: before.start + before.frames, to: span.start, transition: wanted });
  });
  const ends = [...cuts.slice(1), durationSeconds * fps];
  const spans = scenes.map((_, index) => {
    const frames = ends[index]! - cuts[index]!;
    const shorter = index === 0 ? 0 : Math.min(frames, cuts[index]! - cuts[index - 1]!);
    return {
      ...spanOf(cuts[index]!, ends[index]!, fps),
      transitionUs: usOfFrame(transitionFrames(shorter, wanted), fps),
    };
  });
  const plan = framePlan({ fps, tracks: { pictures: spans } });
  return scenes.map(({ sceneId, picture }, index) => {
    const { visible } = plan[index]!;
    const source = sourceOf(picture, (visible.end - visible.start) / fps);
    const seconds = (ends[index]! - cuts[index]!) / fps;
    return { sceneId, ...spans[index]!, source, motion: motionOf(source, { index, seconds }) };
  });
}

/** `seconds` is its time on screen, transitions included. */
function sourceOf(picture: ScenePicture, seconds: number): PictureSource {
  if (picture.kind !== 'clip') return picture;
  const { asset, durationMs } = picture;
  const fitting = durationMs / 1000 / seconds;
  // Rounded down, so that at this speed it never ends too early.
  const speed = fitting >= 1 || fitting < SLOWEST_CLIP ? 1 : Math.floor(fitting * 1000) / 1000;
  return { kind: 'clip', asset, sourceDurationUs: Math.max(1, Math.round(durationMs * 1000)), speed };
}

/** The cut's frame: in the pause, with the whole transition inside it when it is long enough; never after the speech begins. */
function cutIn({ from, to, transition }: { from: number; to: number; transition: number }): number {
  const before = (transition - 1) / 2;
  const pause = to - from;
  if (pause < transition) return from + Math.floor(pause / 2);
  return Math.min(Math.max(from + Math.round(pause * CUT_IN_PAUSE), from + before), to - before - 1);
}

/** At most half of the shorter neighbour, so that two transitions never meet; an odd count. */
function transitionFrames(shorter: number, wanted: number): number {
  const room = Math.min(wanted, Math.floor(shorter / 2));
  const odd = room % 2 === 1 ? room : room - 1;
  return odd < LEAST_TRANSITION_FRAMES ? 0 : odd;
}

/** Slow pushes in and out, in turn, drifting to alternate sides; a clip has motion of its own. */
function motionOf(picture: PictureSource, { index, seconds }: { index: number; seconds: number }): Motion {
  const wide = { zoom: 1, x: 0.5, y: 0.5 };
  if (picture.kind === 'clip') return { from: wide, to: wide };
  const amount =
    picture.kind === 'title_card' ? ZOOM.least : Math.min(ZOOM.most, ZOOM.least + ZOOM.perSecond * seconds);
  const side = [0.3, 0.7, 0.5][index % 3]!;
  const close = { zoom: Math.round((1 + amount) * 1000) / 1000, x: side, y: index % 4 < 2 ? 0.45 : 0.55 };
  return index % 2 === 0 ? { from: wide, to: close } : { from: close, to: wide };
}

function layNarration({ scenes, fps }: BuildInput, { spans, tempo }: Pace): NarrationSegment[] {
  return scenes.flatMap(({ sceneId, audio }, index) => {
    const span = spans[index]!;
    if (audio === null) return [];
    return {
      sceneId,
      ...spanOf(span.start, span.start + span.frames, fps),
      asset: audio.asset,
      sourceDurationUs: Math.max(1, Math.round(audio.durationMs * 1000)),
      tempo,
      volumeDb: 0,
      ...(audio.wordsAsset === undefined ? {} : { words: audio.wordsAsset }),
    };
  });
}

function layMusic({ music, scenes, durationSeconds, fps }: BuildInput): MusicSegment[] {
  if (music === null) return [];
  const durationUs = usOfFrame(durationSeconds * fps, fps);
  const spoken = scenes.some(({ audio }) => audio !== null);
  return [
    {
      startUs: 0,
      durationUs,
      source: music,
      volumeDb: spoken ? MUSIC.volumeDb : MUSIC.alone,
      fadeInUs: MUSIC.fadeInSeconds * 1_000_000,
      fadeOutUs: MUSIC.fadeOutSeconds * 1_000_000,
      ducked: true,
    },
  ];
}

function layCaptions(
  input: BuildInput,
  { paced, pictures }: { paced: Pace; pictures: readonly PictureSegment[] },
): { captions: CaptionSegment[]; dropped: string[] } {
  const { captions: mode, fps } = input;
  if (mode === 'none') return { captions: [], dropped: [] };
  const dropped: string[] = [];
  const captions = input.scenes.flatMap((scene, index) => {
    const span = paced.spans[index]!;
    const picture = pictures[index]!;
    const laid = captionsOf(scene.narration, {
      sceneId: scene.sceneId,
      canvas: input.canvas,
      language: input.language,
      karaoke: mode === 'karaoke',
      fps,
      words: scene.audio?.words ?? [],
      durationMs: scene.audio?.durationMs ?? (span.frames * 1000) / fps,
      tempo: scene.audio === null ? 1 : paced.tempo,
      window: {
        start: span.start,
        speechEnd: span.start + span.frames,
        end: frameOfUs(picture.startUs + picture.durationUs, fps),
      },
    });
    if (laid.dropped > 0) dropped.push(scene.sceneId);
    return laid.captions;
  });
  return { captions, dropped };
}

function degradationsOf(
  { captions }: BuildInput,
  { paced, dropped }: { paced: Pace; dropped: readonly string[] },
): Degradation[] {
  const degradations: Degradation[] = [];
  const { tempo } = paced;
  if (tempo > NATURAL_TEMPO) {
    degradations.push({
      sceneId: null,
      what: 'duration',
      why: 'narration_too_long',
      detail: `The narration is too long for the film and is played at ${tempo.toFixed(2)} times its speed.`,
      replacedBy: `tempo ${tempo.toFixed(2)}`,
    });
  }
  if (captions !== 'none' && paced.captionsTooFast) {
    degradations.push({
      sceneId: null,
      what: 'captions',
      why: 'text_too_long',
      detail: 'The captions of scenes without narration change faster than they can be read at ease.',
      replacedBy: `captions at ${Math.round(paced.silentStretch * 100)} % of their reading time`,
    });
  }
  for (const sceneId of dropped) {
    degradations.push({
      sceneId,
      what: 'captions',
      why: 'text_too_long',
      detail: 'The scene is too short to show all of its text.',
      replacedBy: 'the first captions of the scene',
    });
  }
  return degradations;
}
