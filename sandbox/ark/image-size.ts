import { invalid } from './gate.ts';
import type { ImageModel } from './models.ts';

export interface Raster {
  width: number;
  height: number;
}

const EXACT = /^(\d{2,5})x(\d{2,5})$/;

/** The vendor's own table for the 2K tier; the other tiers are computed to the same shape. */
const TWO_K: Record<string, readonly [number, number]> = {
  '1:1': [2048, 2048],
  '4:3': [2304, 1728],
  '3:4': [1728, 2304],
  '16:9': [2848, 1600],
  '9:16': [1600, 2848],
  '3:2': [2496, 1664],
  '2:3': [1664, 2496],
  '21:9': [3136, 1344],
};

const TIER_SIDE: Record<string, number> = { '1K': 1024, '1.5K': 1536, '2K': 2048, '3K': 3072, '4K': 4096 };

export function readSize(size: unknown, model: ImageModel, prompt: string): Raster {
  const asked = size ?? model.defaultSize;
  if (typeof asked !== 'string') throw invalid('size', 'The parameter `size` must be a string.');
  if (model.tiers.includes(asked)) return tierRaster(asked, prompt);
  const exact = EXACT.exec(asked);
  if (!exact) throw invalid('size', `The parameter \`size\` specified in the request is not valid: ${asked}.`);
  const raster = { width: Number(exact[1]), height: Number(exact[2]) };
  checkLimits(raster, model);
  return raster;
}

function checkLimits({ width, height }: Raster, model: ImageModel): void {
  const pixels = width * height;
  if (pixels < model.minPixels) {
    throw invalid(
      'size',
      `The parameter \`size\` specified in the request is not valid: image size must be at least ${model.minPixels} pixels.`,
    );
  }
  if (pixels > model.maxPixels) {
    throw invalid(
      'size',
      `The parameter \`size\` specified in the request is not valid: image size must be at most ${model.maxPixels} pixels.`,
    );
  }
  const ratio = width / height;
  if (ratio > model.ratioLimit || ratio < 1 / model.ratioLimit) {
    throw invalid(
      'size',
      `The parameter \`size\` specified in the request is not valid: the ratio must be within [1/${model.ratioLimit}, ${model.ratioLimit}].`,
    );
  }
}

/** With a tier the model takes the shape from the prompt. */
function tierRaster(tier: string, prompt: string): Raster {
  const ratio = Object.keys(TWO_K).find((name) => prompt.includes(name)) ?? '1:1';
  const [width, height] = TWO_K[ratio] ?? [2048, 2048];
  const scale = (TIER_SIDE[tier] ?? 1024) / 2048;
  const onGrid = (side: number) => Math.round((side * scale) / 16) * 16;
  return { width: onGrid(width), height: onGrid(height) };
}
