/**
 * Makes the music beds in assets/music: `npx tsx scripts/make-music.ts <ffmpeg>`. Everything is computed here from sine
 * waves, and the same every time, so the beds belong to nobody (CC0).
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BED_ROLL_SAMPLES, BED_SAMPLES } from '../src/render/music-beds.ts';
import { MUSIC_BEDS } from '../src/timeline/timeline.ts';

const RATE = 48_000;
const BEATS_PER_CHORD = 4;
const ARPEGGIO = [0, 2, 1, 3, 2, 1, 3, 2];

interface Bed {
  beats: number;
  /** MIDI notes of one chord each, low to high. */
  chords: number[][];
  /** Loudness of the parts. */
  pad: number;
  pluck: number;
  pulse: number;
  stepsPerBeat: number;
}

const BEDS: Record<keyof typeof BED_SAMPLES, Bed> = {
  // 60 beats a minute, 32 beats: Cmaj7, Am7, Fmaj7, G6, twice with a turn.
  calm: {
    beats: 32,
    chords: [
      [48, 55, 64, 71],
      [45, 52, 60, 67],
      [41, 53, 57, 64],
      [43, 50, 59, 64],
      [48, 55, 64, 67],
      [40, 52, 59, 67],
      [41, 53, 60, 69],
      [43, 50, 62, 65],
    ],
    pad: 0.5,
    pluck: 0.26,
    pulse: 0.12,
    stepsPerBeat: 2,
  },
  // 108 beats a minute, 48 beats: D, A/C#, Bm7, Gmaj7 …
  bright: {
    beats: 48,
    chords: [
      [50, 57, 66, 69],
      [49, 57, 64, 69],
      [47, 54, 62, 69],
      [43, 55, 62, 66],
      [50, 57, 66, 74],
      [49, 57, 64, 73],
      [47, 54, 66, 69],
      [43, 55, 59, 66],
      [52, 55, 62, 67],
      [45, 57, 61, 64],
      [43, 55, 62, 69],
      [45, 52, 61, 67],
    ],
    pad: 0.34,
    pluck: 0.34,
    pulse: 0.2,
    stepsPerBeat: 2,
  },
  // 64 beats a minute, 32 beats, in D minor: Dm9, Bbmaj7, Gm9, A7sus4, Dm, Fmaj7, Bbmaj9, A7.
  deep: {
    beats: 32,
    chords: [
      [38, 53, 60, 64],
      [46, 53, 62, 69],
      [43, 53, 58, 69],
      [45, 55, 62, 64],
      [38, 53, 57, 65],
      [41, 53, 60, 64],
      [46, 53, 60, 65],
      [45, 55, 61, 64],
    ],
    pad: 0.6,
    pluck: 0.16,
    pulse: 0.3,
    stepsPerBeat: 1,
  },
};

const frequency = (note: number): number => 440 * 2 ** ((note - 69) / 12);

/** Sounds that run past the end go on at the beginning: that makes the loop seamless. */
function makeBed(bed: Bed, samples: number): Float32Array {
  const sound = new Float32Array(samples * 2);
  const beat = samples / bed.beats;
  const add = (at: number, left: number, right: number): void => {
    const place = (((Math.round(at) % samples) + samples) % samples) * 2;
    sound[place] = sound[place]! + left;
    sound[place + 1] = sound[place + 1]! + right;
  };
  for (const [index, chord] of bed.chords.entries()) {
    const start = index * BEATS_PER_CHORD * beat;
    for (const [voice, note] of chord.entries())
      addPad(add, { start, note, voice, length: BEATS_PER_CHORD * beat, gain: bed.pad / 4 });
    const steps = BEATS_PER_CHORD * bed.stepsPerBeat;
    for (let step = 0; step < steps; step++) {
      const note = chord[ARPEGGIO[step % ARPEGGIO.length]!]! + 12;
      const accent = step % bed.stepsPerBeat === 0 ? 1 : 0.7;
      addPluck(add, {
        start: start + (step * beat) / bed.stepsPerBeat,
        note,
        pan: step % 2 === 0 ? 0.35 : 0.65,
        gain: bed.pluck * accent,
      });
    }
    for (let each = 0; each < BEATS_PER_CHORD; each++)
      addPulse(add, { start: start + each * beat, note: chord[0]! - 12, gain: bed.pulse });
  }
  return levelled(sound);
}

type Add = (at: number, left: number, right: number) => void;

/** Three slightly detuned sines a voice, swelling in and out across the chord's borders. */
function addPad(add: Add, options: { start: number; note: number; voice: number; length: number; gain: number }): void {
  const { start, note, voice, length, gain } = options;
  const fade = 0.9 * RATE;
  for (let i = -fade / 2; i < length + fade / 2; i++) {
    const rise = Math.min(1, (i + fade / 2) / fade, (length + fade / 2 - i) / fade);
    const swell = Math.sin((Math.PI / 2) * Math.max(0, rise)) * gain;
    const phase = (2 * Math.PI * frequency(note) * i) / RATE;
    const slow = 1 + 0.12 * Math.sin((2 * Math.PI * 0.23 * i) / RATE + voice);
    const warm = Math.sin(phase) + 0.3 * Math.sin(2 * phase) * slow + 0.08 * Math.sin(3 * phase);
    add(start + i, swell * (warm + 0.5 * Math.sin(phase * 1.0021)), swell * (warm + 0.5 * Math.sin(phase * 0.9979)));
  }
}

/** A soft mallet: bright for an instant, then round. */
function addPluck(
  add: Add,
  { start, note, pan, gain }: { start: number; note: number; pan: number; gain: number },
): void {
  for (let i = 0; i < 1.4 * RATE; i++) {
    const seconds = i / RATE;
    const envelope = Math.min(1, i / 200) * Math.exp(-seconds * 3.6) * gain;
    const phase = 2 * Math.PI * frequency(note) * seconds;
    const tone =
      envelope *
      (Math.sin(phase) +
        0.35 * Math.exp(-seconds * 9) * Math.sin(2 * phase) +
        0.12 * Math.exp(-seconds * 20) * Math.sin(4 * phase));
    add(start + i, tone * (1 - pan), tone * pan);
    // One quiet echo on the other side.
    add(start + i + 0.375 * RATE, tone * pan * 0.25, tone * (1 - pan) * 0.25);
  }
}

/** A low, soft beat. */
function addPulse(add: Add, { start, note, gain }: { start: number; note: number; gain: number }): void {
  for (let i = 0; i < 0.35 * RATE; i++) {
    const seconds = i / RATE;
    const tone =
      Math.min(1, i / 300) * Math.exp(-seconds * 11) * gain * Math.sin(2 * Math.PI * frequency(note + 12) * seconds);
    add(start + i, tone, tone);
  }
}

/** Loudest sample at -3 dB. */
function levelled(sound: Float32Array): Float32Array {
  let peak = 0;
  for (const sample of sound) peak = Math.max(peak, Math.abs(sample));
  return sound.map((sample) => (sample / peak) * 0.7);
}

/** The loop's end before it and its beginning after it. */
function withRolls(loop: Float32Array): Float32Array {
  const roll = BED_ROLL_SAMPLES * 2;
  const whole = new Float32Array(loop.length + 2 * roll);
  whole.set(loop.subarray(-roll));
  whole.set(loop, roll);
  whole.set(loop.subarray(0, roll), roll + loop.length);
  return whole;
}

const ffmpeg = process.argv[2] ?? 'ffmpeg';
for (const name of MUSIC_BEDS) {
  const raw = join(tmpdir(), `${name}-${process.pid}.f32`);
  writeFileSync(raw, new Uint8Array(withRolls(makeBed(BEDS[name], BED_SAMPLES[name])).buffer));
  const target = fileURLToPath(new URL(`../assets/music/${name}.m4a`, import.meta.url));
  const input = ['-f', 'f32le', '-ar', String(RATE), '-ac', '2', '-i', raw];
  const exact = ['-fflags', '+bitexact', '-flags:a', '+bitexact', '-map_metadata', '-1'];
  execFileSync(ffmpeg, [
    '-v',
    'error',
    '-y',
    ...input,
    '-c:a',
    'aac',
    '-b:a',
    '80k',
    ...exact,
    '-movflags',
    '+faststart',
    target,
  ]);
  console.log(target);
}
