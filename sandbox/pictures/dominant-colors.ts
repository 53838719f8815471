import sharp from 'sharp';

/** Colours are told from a picture this small; finer detail says nothing about them. */
const SIDE = 24;
/** Levels of each channel that count as one colour. */
const STEP = 64;
const MOST = 5;

/** The colours a picture is mostly made of, from dark to light; null when it cannot be decoded. */
export async function dominantColors(picture: Uint8Array): Promise<readonly string[] | null> {
  const pixels = await sharp(picture)
    .removeAlpha()
    .toColourspace('srgb')
    .resize(SIDE, SIDE, { fit: 'fill' })
    .raw()
    .toBuffer()
    .catch(() => null);
  if (pixels === null) return null;
  const groups = new Map<string, { count: number; sum: [number, number, number] }>();
  for (let at = 0; at + 2 < pixels.length; at += 3) {
    const [r, g, b] = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
    const key = [r, g, b].map((channel) => Math.floor(channel / STEP)).join();
    const group = groups.get(key) ?? { count: 0, sum: [0, 0, 0] };
    groups.set(key, { count: group.count + 1, sum: [group.sum[0] + r, group.sum[1] + g, group.sum[2] + b] });
  }
  const means = [...groups.values()]
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST)
    .map(({ count, sum }) => sum.map((channel) => Math.round(channel / count)));
  const light = (color: readonly number[]) => color.reduce((total, channel) => total + channel, 0);
  return means.sort((a, b) => light(a) - light(b)).map((color) => `#${color.map(hex).join('')}`);
}

const hex = (channel: number): string => channel.toString(16).padStart(2, '0');
