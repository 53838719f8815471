import { createHash } from 'node:crypto';

const HAN = /\p{Script=Han}+/gu;
const WORD = /[\p{L}\p{N}]+/gu;

/**
 * Numbers that point in nearly the same direction for texts that share characters and words. It knows no meanings: what it
 * takes for alike is not what a real model would.
 */
export function textDirection(text: string, { dimensions, salt }: { dimensions: number; salt: string }): number[] {
  const sum = new Float64Array(dimensions);
  for (const feature of featuresOf(text.normalize('NFKC').toLowerCase())) addFeature(sum, `${salt} ${feature}`);
  const length = Math.hypot(...sum);
  // A text without a letter points somewhere too, as a real model's does.
  if (length === 0) addFeature(sum, `${salt} nothing`);
  const whole = length === 0 ? Math.hypot(...sum) : length;
  return Array.from(sum, (value) => Math.fround(value / whole));
}

function featuresOf(text: string): Set<string> {
  const features = new Set<string>();
  for (const [run] of text.matchAll(HAN)) {
    const characters = [...run];
    for (const [at, character] of characters.entries()) {
      features.add(character);
      if (at > 0) features.add(`${characters[at - 1]}${character}`);
    }
  }
  for (const [word] of text.replace(HAN, ' ').matchAll(WORD)) {
    features.add(`w:${word}`);
    for (let at = 0; at + 3 <= word.length; at += 1) features.add(`p:${word.slice(at, at + 3)}`);
  }
  return features;
}

/** Every feature is felt in many places, so that the vector is dense, as a model's is. */
const PLACES = 8;

function addFeature(sum: Float64Array, feature: string): void {
  const digest = createHash('sha256').update(feature).digest();
  for (let place = 0; place < PLACES; place += 1) {
    const drawn = digest.readUInt32LE(place * 4);
    const at = (drawn >>> 1) % sum.length;
    sum[at] = (sum[at] ?? 0) + (drawn & 1 ? 1 : -1);
  }
}
