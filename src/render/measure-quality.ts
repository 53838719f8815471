import { belowThreshold } from '../domain/below-threshold.ts';
import { QUALITY_LIMITS, type PictureOrigin, type QualityReport, type SceneQuality } from '../domain/quality.ts';
import type { Channel } from '../domain/service.ts';
import type { WordTiming } from '../domain/word-timing.ts';
import { captionTimingErrorMs } from '../timeline/caption-timing.ts';
import type { PictureSource, Timeline } from '../timeline/timeline.ts';
import { measureLoudness } from './measure-loudness.ts';
import { probeMedia } from './probe.ts';

/** Where a scene's picture comes from, and which way it was bought. */
export interface ToldPicture {
  sceneId: string;
  source: PictureOrigin;
  channel?: Channel;
}

export interface Measure {
  /** The finished film. */
  path: string;
  timeline: Timeline;
  /** The recordings' word timings by scene. */
  words: ReadonlyMap<string, readonly WordTiming[]>;
  /** Where the pictures come from; without it, told from the timeline alone. */
  pictureSources?: readonly ToldPicture[];
  ffmpeg: string;
  signal: AbortSignal;
}

/** Measures a finished film: its sound decoded, its length as the file has it, its captions against the recordings. */
export async function measureQuality(measure: Measure): Promise<QualityReport> {
  const { path, timeline, words } = measure;
  const [loudness, probe] = await Promise.all([measureLoudness(measure), probeMedia(path)]);
  const measured = {
    ...loudness,
    durationErrorMs: Math.round(Math.abs(probe.durationSeconds * 1000 - timeline.durationUs / 1000)),
    captionTimingErrorMs: captionTimingErrorMs(timeline, words),
    scenes: scenesOf(measure),
  };
  return { ...measured, belowThreshold: belowThreshold(measured, QUALITY_LIMITS) };
}

function scenesOf({ timeline, pictureSources = [] }: Measure): SceneQuality[] {
  const { pictures, narration } = timeline.tracks;
  const told = new Map(pictureSources.map((picture) => [picture.sceneId, picture]));
  return pictures.map(({ sceneId, source }, index) => {
    const spoken = narration.find((segment) => segment.sceneId === sceneId);
    const { source: origin, channel } = told.get(sceneId) ?? {};
    return {
      sceneId,
      pictureSource: origin ?? originOf(source, pictures[index - 1]?.source),
      ...(channel === undefined ? {} : { pictureChannel: channel }),
      narration: spoken === undefined ? 'silent' : 'spoken',
      narrationTempo: spoken?.tempo ?? null,
    };
  });
}

/** The same picture twice in a row is taken for the neighbour's: which of the two it was made for, a timeline does not say. */
function originOf(source: PictureSource, before: PictureSource | undefined): PictureOrigin {
  if (source.kind === 'title_card') return 'title_card';
  return before !== undefined && before.kind !== 'title_card' && before.asset.sha256 === source.asset.sha256
    ? 'neighbour'
    : 'own';
}
