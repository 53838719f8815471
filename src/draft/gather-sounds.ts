import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AssetRef } from '../domain/asset.ts';
import { jobOf } from '../render/job.ts';
import { musicBedPath } from '../render/music-beds.ts';
import { probeMedia } from '../render/probe.ts';
import type { MusicSource } from '../timeline/timeline.ts';
import { existingAsset, type Gathering } from './gathering.ts';
import { playedUs } from './narration-track.ts';
import type { SoundMedia } from './media.ts';
import { levelOfWav } from './wav-level.ts';

const FOLDER = 'assets/audio';
const SAMPLE_RATE = 48_000;
/** Lengths are whole multiples of this: readers that count milliseconds find the same length as those that count samples. */
const LENGTH_UNIT_US = 10_000;
/** Sound that all the apps read, by what the file is called. Raw AAC has no length of its own, Ogg is not read by all. */
const COPIED: Record<string, string> = { 'audio/mpeg': 'mp3', 'audio/mp4': 'm4a', 'audio/wav': 'wav' };

/**
 * The narrations as WAV, with silence behind the speech up to the frame on which its segment ends: the draft's segments
 * lie on frames as the Timeline's do, and nothing of the speech is cut.
 */
export async function gatherNarration(gathering: Gathering): Promise<SoundMedia[]> {
  const media: SoundMedia[] = [];
  for (const [index, narration] of gathering.timeline.tracks.narration.entries()) {
    const neededUs = Math.ceil(playedUs(narration) / LENGTH_UNIT_US) * LENGTH_UNIT_US;
    const samples = (neededUs * SAMPLE_RATE) / 1_000_000;
    const file = `${FOLDER}/narration-${index + 1}.wav`;
    await toWav(narration.asset, { file, filters: `aresample=${SAMPLE_RATE},apad=whole_len=${samples}`, gathering });
    const levelDb = await levelOfWav(join(gathering.folder, file));
    media.push({ file, durationUs: await durationOf(file, gathering), levelDb });
  }
  return media;
}

/** The music as it is, where every app reads it, else as WAV; a track that is used again is there once. */
export async function gatherMusic(gathering: Gathering): Promise<SoundMedia[]> {
  const known = new Map<string, SoundMedia>();
  const media: SoundMedia[] = [];
  for (const { source } of gathering.timeline.tracks.music) {
    const key = JSON.stringify(source);
    const medium = known.get(key) ?? (await gatherBed(source, { name: `music-${known.size + 1}`, gathering }));
    known.set(key, medium);
    media.push(medium);
  }
  return media;
}

async function gatherBed(
  source: MusicSource,
  { name, gathering }: { name: string; gathering: Gathering },
): Promise<SoundMedia> {
  gathering.signal.throwIfAborted();
  const extension = source.kind === 'bed' ? 'm4a' : COPIED[source.asset.mediaType];
  const file = `${FOLDER}/${name}.${extension ?? 'wav'}`;
  if (source.kind === 'bed') await copyFile(musicBedPath(source.name), join(gathering.folder, file));
  else if (extension !== undefined)
    await copyFile(await existingAsset(source.asset, gathering), join(gathering.folder, file));
  else await toWav(source.asset, { file, filters: `aresample=${SAMPLE_RATE}`, gathering });
  return { file, durationUs: await durationOf(file, gathering), levelDb: null };
}

/** Decoded by ffmpeg, without any mark of its version, so that the same sound gives the same bytes. */
async function toWav(
  asset: AssetRef,
  { file, filters, gathering }: { file: string; filters: string; gathering: Gathering },
): Promise<void> {
  const job = jobOf({ ...gathering, format: 'mp4', workDir: gathering.folder }, gathering.signal);
  const exact = ['-fflags', '+bitexact', '-flags:a', '+bitexact', '-map_metadata', '-1'];
  const output = ['-map', '0:a:0', '-af', filters, '-ar', String(SAMPLE_RATE), '-c:a', 'pcm_s16le', ...exact, file];
  await job.readInput(asset, output);
}

/** Microseconds. */
async function durationOf(file: string, { folder }: Gathering): Promise<number> {
  const { audio, durationSeconds } = await probeMedia(join(folder, file));
  return Math.round((audio?.durationSeconds ?? durationSeconds) * 1_000_000);
}
