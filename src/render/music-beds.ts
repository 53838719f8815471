import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MusicBed } from '../timeline/timeline.ts';

/** Each bed is a seamless loop of exactly this many samples at 48 kHz (scripts/make-music.ts). */
export const BED_SAMPLES: Record<MusicBed, number> = {
  calm: 1_536_000,
  bright: 1_280_000,
  deep: 1_440_000,
};

/** Before and after the loop its file goes on for this long, because an encoder blurs a file's ends: cut it off. */
export const BED_ROLL_SAMPLES = 24_000;

/** Where a bed's file is, from the source tree or from a build one folder deeper. */
export function musicBedPath(name: MusicBed): string {
  const candidates = ['../../assets/music/', '../../../assets/music/'].map((folder) =>
    fileURLToPath(new URL(`${folder}${name}.m4a`, import.meta.url)),
  );
  const path = candidates.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`The music bed ${name} is not there.`);
  return path;
}
