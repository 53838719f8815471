import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { Resvg } from '@resvg/resvg-js';
import sharp from 'sharp';

import { answerOrders } from '../worker-loop.ts';
import { composePicture } from './compose.ts';
import { dominantColors } from './dominant-colors.ts';
import type { PaintResult, PaintTask, PictureOrder } from './painter.ts';

/** Drawn at this many pixels and scaled up: the scenes are soft, and the eye does not miss the rest. */
const MAX_DRAWN_PIXELS = 2_000_000;
const JPEG_QUALITY = 88;
const FONT_FAMILY = 'Noto Sans SC';
const FONT_FILE = join(
  dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/noto-sans-sc/package.json')),
  '700Bold/NotoSansSC_700Bold.ttf',
);

// One picture at a time in a thread: libvips must not take all cores besides.
sharp.concurrency(1);

answerOrders<PaintTask, PaintResult>(async (task) =>
  'order' in task ? { bytes: await paint(task.order) } : { colors: await dominantColors(task.picture) },
);

async function paint(order: PictureOrder): Promise<Uint8Array> {
  const scale = Math.min(1, Math.sqrt(MAX_DRAWN_PIXELS / (order.width * order.height)));
  const raster = { width: Math.round(order.width * scale), height: Math.round(order.height * scale) };
  const svg = composePicture({ ...order, ...raster });
  const drawn = new Resvg(svg, {
    font: { fontFiles: [FONT_FILE], loadSystemFonts: false, defaultFontFamily: FONT_FAMILY },
  }).render();
  const pixels = sharp(drawn.pixels, { raw: { width: drawn.width, height: drawn.height, channels: 4 } })
    .removeAlpha()
    .resize(order.width, order.height, { fit: 'fill', kernel: 'cubic' });
  const encoded = order.format === 'png' ? pixels.png({ compressionLevel: 6 }) : pixels.jpeg({ quality: JPEG_QUALITY });
  return new Uint8Array(await encoded.toBuffer());
}
