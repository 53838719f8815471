import type { AspectRatio, Canvas } from '../../domain/canvas.ts';
import { PermanentError } from '../../domain/errors.ts';

export interface ImageSize {
  width: number;
  height: number;
}

/** What one family of image models takes. Names of tiers (`2K`) are left out: they leave the ratio to the prompt. */
export interface ImageModel {
  family: string;
  minPixels: number;
  maxPixels: number;
  minSide: number;
  maxSide: number;
  takesSeed: boolean;
  /** Takes `sequential_image_generation`, which must say `disabled`: otherwise the prompt decides how many are made. */
  takesSequential: boolean;
  /** How many reference images (`image`) it takes; 0: the field is refused. */
  maxReferenceImages: number;
  /** The vendor's own sizes for a ratio, smallest first. */
  recommended: Partial<Record<AspectRatio, readonly ImageSize[]>>;
}

/** No published side limit; sixteen to one is the widest ratio, so this one never decides. */
const NO_SIDE_LIMIT = { minSide: 15, maxSide: 16_384 };

const size = (width: number, height: number): ImageSize => ({ width, height });

// Two vendor tables exist for 16:9; the older one has the exact ratio and is legal everywhere, so no picture is cropped.
const SIZES_2K: ImageModel['recommended'] = {
  '1:1': [size(2048, 2048)],
  '4:3': [size(2304, 1728)],
  '3:4': [size(1728, 2304)],
  '16:9': [size(2560, 1440), size(2848, 1600)],
  '9:16': [size(1440, 2560), size(1600, 2848)],
};

/** The vendor lists only 9:16 for these; 16:9 is the same turned. */
const SIZES_PRO: ImageModel['recommended'] = {
  '16:9': [size(1424, 800), size(2816, 1584)],
  '9:16': [size(800, 1424), size(1584, 2816)],
};

const SIZES_3: ImageModel['recommended'] = {
  '1:1': [size(1024, 1024)],
  '4:3': [size(1152, 864)],
  '3:4': [size(864, 1152)],
  '16:9': [size(1280, 720)],
  '9:16': [size(720, 1280)],
};

/** Each family with the form of its model ids; `doubao-` is missing in BytePlus's names. First match wins. */
const IMAGE_MODELS: readonly { ids: RegExp; model: ImageModel }[] = [
  {
    ids: /^(doubao-)?seedream-3[-.]0/,
    model: {
      family: 'seedream-3.0',
      minPixels: 512 * 512,
      maxPixels: 2048 * 2048,
      minSide: 512,
      maxSide: 2048,
      takesSeed: true,
      takesSequential: false,
      maxReferenceImages: 0,
      recommended: SIZES_3,
    },
  },
  {
    ids: /^(doubao-)?seedream-4[-.]0/,
    model: {
      family: 'seedream-4.0',
      minPixels: 921_600,
      maxPixels: 16_777_216,
      ...NO_SIDE_LIMIT,
      takesSeed: false,
      takesSequential: true,
      maxReferenceImages: 14,
      recommended: SIZES_2K,
    },
  },
  {
    ids: /^(doubao-)?seedream-4[-.]5/,
    model: {
      family: 'seedream-4.5',
      minPixels: 3_686_400,
      maxPixels: 16_777_216,
      ...NO_SIDE_LIMIT,
      takesSeed: false,
      takesSequential: true,
      maxReferenceImages: 14,
      recommended: SIZES_2K,
    },
  },
  {
    ids: /^(doubao-)?seedream-5[-.]0-(pro|flash)/,
    model: {
      family: 'seedream-5.0-pro',
      minPixels: 921_600,
      maxPixels: 4_624_220,
      ...NO_SIDE_LIMIT,
      takesSeed: false,
      takesSequential: false,
      maxReferenceImages: 10,
      recommended: SIZES_PRO,
    },
  },
  {
    ids: /^(doubao-)?seedream-5[-.]0(-lite)?(-\d|$)/,
    model: {
      family: 'seedream-5.0-lite',
      minPixels: 3_686_400,
      maxPixels: 16_777_216,
      ...NO_SIDE_LIMIT,
      takesSeed: false,
      takesSequential: true,
      maxReferenceImages: 14,
      recommended: SIZES_2K,
    },
  },
];

export interface ImageModelOptions {
  /** The model whose limits apply, for an inference endpoint's id (`ep-…`), which says nothing about them. */
  family?: string | null | undefined;
}

/** The limits of an image model, or undefined when neither its id nor `family` tells them. */
export function findImageModel(model: string, { family = null }: ImageModelOptions = {}): ImageModel | undefined {
  const known = (id: string) => IMAGE_MODELS.find(({ ids }) => ids.test(id))?.model;
  return known(model) ?? (family === null ? undefined : known(family));
}

/**
 * A size that the model takes, of the canvas's ratio and, where the model can, at least as large as the canvas.
 * The vendor's own sizes are preferred, the smallest that suffices.
 */
export function imageSizeFor(
  model: string,
  aspectRatio: AspectRatio,
  canvas: Canvas,
  options: ImageModelOptions = {},
): ImageSize {
  const limits = findImageModel(model, options);
  if (limits === undefined) throw unknownModel(model);
  const covers = (candidate: ImageSize) => candidate.width >= canvas.width && candidate.height >= canvas.height;
  const recommended = limits.recommended[aspectRatio]?.find(covers);
  return recommended ?? computedSize(limits, aspectRatio, canvas);
}

export function isLegalSize(model: ImageModel, { width, height }: ImageSize): boolean {
  const pixels = width * height;
  const ratio = width / height;
  return (
    pixels >= model.minPixels &&
    pixels <= model.maxPixels &&
    Math.min(width, height) >= model.minSide &&
    Math.max(width, height) <= model.maxSide &&
    ratio >= 1 / 16 &&
    ratio <= 16
  );
}

/** Pictures are made in blocks: both sides a multiple of 8. */
const SIDE_STEP = 8;

/** The smallest legal size of the exact ratio that covers the canvas; the largest legal one when none does. */
function computedSize(model: ImageModel, aspectRatio: AspectRatio, canvas: Canvas): ImageSize {
  const [across, down] = aspectRatio.split(':').map((part) => Number(part) * SIDE_STEP) as [number, number];
  let largest: ImageSize | null = null;
  for (let scale = 1; across * scale <= model.maxSide && down * scale <= model.maxSide; scale += 1) {
    const candidate = size(across * scale, down * scale);
    if (!isLegalSize(model, candidate)) continue;
    if (candidate.width >= canvas.width && candidate.height >= canvas.height) return candidate;
    largest = candidate;
  }
  if (largest === null)
    throw new PermanentError('no_legal_image_size', `${model.family} has no size of ${aspectRatio}`);
  return largest;
}

function unknownModel(model: string): PermanentError {
  const why = `the sizes that the image model ${JSON.stringify(model)} takes are not known`;
  return new PermanentError('unknown_image_model', `${why}: set ARK_IMAGE_MODEL_FAMILY to the model behind it`);
}
