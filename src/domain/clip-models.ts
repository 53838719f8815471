import type { AspectRatio, Canvas } from './canvas.ts';
import { PermanentError } from './errors.ts';

export const CLIP_RESOLUTIONS = ['480p', '720p', '1080p'] as const;
export type ClipResolution = (typeof CLIP_RESOLUTIONS)[number];
type Rasters = Record<AspectRatio, Canvas>;

/** What one family of video models takes, and the rasters that it gives. */
export interface ClipModel {
  family: string;
  /** Smallest first. */
  rasters: Partial<Record<ClipResolution, Rasters>>;
  /** Whole seconds. */
  seconds: { least: number; most: number };
  /** Takes `seed`, and tells it again with the task. */
  takesSeed: boolean;
  /** Makes clips from words alone. */
  takesText: boolean;
  /** `adaptive`: beside a first frame, no other ratio is taken. */
  firstFrame: 'no' | 'any_ratio' | 'adaptive';
  /** Has `generate_audio`, which is on unless it is said otherwise. */
  takesAudio: boolean;
}

/** What a clip is to be asked for. */
export interface ClipShape {
  ratio: AspectRatio;
  resolution: ClipResolution;
  durationSeconds: number;
  /** By the vendor's table: for the price only. What comes is probed. */
  raster: Canvas;
}

const FPS = 24;

const turned = ({ width, height }: Canvas): Canvas => ({ width: height, height: width });
const size = (width: number, height: number): Canvas => ({ width, height });

/** The vendor's tables are the same lying and upright. */
const rasters = (wide: Canvas, fourThree: Canvas, square: number): Rasters => ({
  ...{ '16:9': wide, '4:3': fourThree, '1:1': size(square, square), '3:4': turned(fourThree), '9:16': turned(wide) },
});

const RASTERS_1_0 = {
  '480p': rasters(size(864, 480), size(736, 544), 640),
  '720p': rasters(size(1248, 704), size(1120, 832), 960),
  '1080p': rasters(size(1920, 1088), size(1664, 1248), 1440),
};
const RASTERS_2_0 = {
  '480p': rasters(size(864, 496), size(752, 560), 640),
  '720p': rasters(size(1280, 720), size(1112, 834), 960),
  '1080p': rasters(size(1920, 1080), size(1664, 1248), 1440),
};

const SEEDANCE_1_0: ClipModel = {
  family: 'seedance-1.0',
  rasters: RASTERS_1_0,
  seconds: { least: 2, most: 12 },
  takesSeed: true,
  takesText: true,
  firstFrame: 'any_ratio',
  takesAudio: false,
};
const SEEDANCE_2_0: ClipModel = {
  ...{ family: 'seedance-2.0', rasters: RASTERS_2_0, seconds: { least: 4, most: 15 } },
  ...{ takesSeed: false, takesText: true, firstFrame: 'any_ratio', takesAudio: true },
};

/** Each family with the form of its model ids; `doubao-` is missing in BytePlus's names. First match wins. */
const CLIP_MODELS: readonly { ids: RegExp; model: ClipModel }[] = [
  {
    ids: /^(doubao-)?seedance-1[-.]0-lite-t2v/,
    model: { ...SEEDANCE_1_0, family: 'seedance-1.0-lite-t2v', firstFrame: 'no' },
  },
  {
    ids: /^(doubao-)?seedance-1[-.]0-lite-i2v/,
    model: { ...SEEDANCE_1_0, family: 'seedance-1.0-lite-i2v', takesText: false },
  },
  { ids: /^(doubao-)?seedance-1[-.]0-pro/, model: { ...SEEDANCE_1_0, family: 'seedance-1.0-pro' } },
  {
    ids: /^(doubao-)?seedance-1[-.]5-pro/,
    model: { ...SEEDANCE_2_0, family: 'seedance-1.5-pro', seconds: { least: 4, most: 12 } },
  },
  {
    ids: /^((doubao|dreamina)-)?seedance-2[-.]0-(fast|mini)/,
    model: {
      ...SEEDANCE_2_0,
      ...{ family: 'seedance-2.0-fast', rasters: { '480p': RASTERS_2_0['480p'], '720p': RASTERS_2_0['720p'] } },
    },
  },
  { ids: /^((doubao|dreamina)-)?seedance-2[-.]0/, model: SEEDANCE_2_0 },
  {
    ids: /^((doubao|dreamina)-)?seedance-2[-.]5/,
    model: {
      ...{ ...SEEDANCE_2_0, family: 'seedance-2.5', seconds: { least: 4, most: 30 }, firstFrame: 'adaptive' },
      rasters: { ...RASTERS_2_0, '480p': rasters(size(854, 480), size(752, 560), 640) },
    },
  },
];

export interface ClipModelOptions {
  /** The model whose limits apply, for an inference endpoint's id (`ep-…`), which says nothing about them. */
  family?: string | null | undefined;
}

/** The limits of a video model, or undefined when neither its id nor `family` tells them. */
export function findClipModel(model: string, { family = null }: ClipModelOptions = {}): ClipModel | undefined {
  const known = (id: string) => CLIP_MODELS.find(({ ids }) => ids.test(id))?.model;
  return known(model) ?? (family === null ? undefined : known(family));
}

/** A clip that is scaled up by less than this does not look soft, and the next raster costs more than twice as much. */
const LEAST_SCALE = 0.95;

/**
 * The legal shape nearest to what a film needs: its ratio, the smallest raster that covers the canvas (or nearly), and so
 * many whole seconds as the model can make.
 * @throws PermanentError for a model that is not known, or makes no clip from words
 */
export function clipShapeFor(
  model: string,
  wanted: { aspectRatio: AspectRatio; canvas: Canvas; seconds: number },
  options: ClipModelOptions = {},
): ClipShape {
  const limits = findClipModel(model, options);
  if (limits === undefined)
    throw new PermanentError(
      'unknown_clip_model',
      `nothing is known of the video model "${model}": ARK_VIDEO_MODEL_FAMILY must name a known one`,
    );
  if (!limits.takesText)
    throw new PermanentError(
      'unknown_clip_model',
      `the video model "${model}" makes no clip from words alone: ARK_VIDEO_MODEL must name one that does`,
    );
  // Every model has all the ratios that films have.
  const ratio = wanted.aspectRatio;
  const offered = Object.entries(limits.rasters).map(([resolution, of]) => ({
    resolution: resolution as ClipResolution,
    raster: of[ratio],
  }));
  const enough = offered.find(({ raster }) => covers(raster, wanted.canvas)) ?? offered.at(-1);
  if (enough === undefined) throw new TypeError('a video model has at least one raster');
  const { least, most } = limits.seconds;
  return { ratio, ...enough, durationSeconds: Math.min(most, Math.max(least, Math.ceil(wanted.seconds))) };
}

const covers = (raster: Canvas, canvas: Canvas): boolean =>
  raster.width >= canvas.width * LEAST_SCALE && raster.height >= canvas.height * LEAST_SCALE;

/** What a clip is billed as. The vendor's own samples have one frame more than its seconds. */
export const clipTokens = ({ raster, durationSeconds }: Pick<ClipShape, 'raster' | 'durationSeconds'>): number =>
  Math.round((raster.width * raster.height * (FPS * durationSeconds + 1)) / 1024);
