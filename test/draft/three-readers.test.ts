import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { AssetRef } from '../../src/domain/asset.ts';
import type { DraftContent } from '../../src/draft/content.ts';
import type { Segment } from '../../src/draft/format.ts';
import { renderFilm, type RenderedFilm } from '../../src/render/render-film.ts';
import { checkTimeline } from '../../src/timeline/check.ts';
import { frameOfUs, usOfFrame } from '../../src/timeline/frames.ts';
import { framePlan } from '../../src/timeline/frame-plan.ts';
import type { PictureSegment, Timeline } from '../../src/timeline/timeline.ts';
import { cuesOf, decodeMiddle, decodeSound, dotAt, levelDb, plainPicture, tone, type Colour } from './measuring.ts';
import { contentOf, courseOf, trackOf, useStudio } from './studio.ts';

const FPS = 30;
const SPEECH_HZ = 200;
const MUSIC_HZ = 3_000;
const AMPLITUDE = { speech: 0.3, music: 0.25 };
const COLOURS: Colour[] = [
  [200, 30, 30],
  [30, 170, 40],
  [40, 50, 200],
  [210, 200, 40],
];
/** Frames of each transition; the last picture comes with a hard cut. */
const TRANSITIONS = [0, 15, 9, 0];
const SECONDS = 12;
const us = (seconds: number): number => usOfFrame(Math.round(seconds * FPS), FPS);

/**
 * The same Timeline as film and as draft: measured in the pictures and the sound of the one, read from the other.
 * Differently coloured pictures tell the cuts, a white dot the motion, two tones the volumes.
 */
describe('film, draft and Timeline agree', () => {
  const studio = useStudio();
  let timeline: Timeline;
  let film: RenderedFilm;
  let draft: DraftContent;
  before(
    async () => {
      timeline = await filmOfTones();
      checkTimeline(timeline);
      film = await renderFilm({
        timeline,
        format: 'mp4',
        assetPath: studio.assets.path,
        workDir: join(studio.root, 'film'),
        ffmpeg: studio.ffmpeg,
        onProgress: () => {},
        signal: new AbortController().signal,
      });
      draft = await contentOf(await studio.draft(timeline));
    },
    { timeout: 120_000 },
  );

  it('on every cut and transition, within a frame', async () => {
    const frames = await decodeMiddle(film.videoPath, { ffmpeg: studio.ffmpeg });
    assert.equal(frames.length, SECONDS * FPS);
    const { segments } = trackOf(draft, 'pictures');
    assert.equal(segments.length, COLOURS.length);
    for (const [index, { startUs, transitionUs }] of timeline.tracks.pictures.entries()) {
      assert.equal(segments[index]!.target_timerange.start, startUs);
      if (index === 0) continue;
      const cut = frameOfUs(startUs, FPS);
      const share = frames.map((colour) => shareOf(colour, COLOURS[index - 1]!, COLOURS[index]!));
      // Where the new picture begins to be more than the old one.
      const measured = share.findIndex((each, frame) => frame >= cut - 15 && each >= 0.5);
      assert.ok(Math.abs(measured - cut) <= 1, `cut ${index}: frame ${measured} in the film, ${cut} in the Timeline`);
      const mixed = share.slice(cut - 15, cut + 15).filter((each) => each > 0.03 && each < 0.97).length;
      const inDraft = transitionInto(segments[index - 1]!);
      assert.equal(inDraft, transitionUs);
      // At its first frame a crossfade shows the old picture still.
      assert.ok(
        Math.abs(mixed - Math.max(0, TRANSITIONS[index]! - 1)) <= 1,
        `transition ${index}: ${mixed} mixed frames`,
      );
    }
    assert.equal(draft.duration, timeline.durationUs);
    assert.equal(usOfFrame(film.frames, FPS), timeline.durationUs);
  });

  it('on how each picture moves, within a pixel and a half', async () => {
    const plan = framePlan(timeline);
    for (const [index, segment] of trackOf(draft, 'pictures').segments.entries()) {
      const { start, end } = plan[index]!.body;
      for (const frame of [start + 1, Math.round((start + end) / 2), end - 2]) {
        const measured = await dotAt(film.videoPath, {
          frame,
          fps: FPS,
          ffmpeg: studio.ffmpeg,
          canvas: timeline.canvas,
        });
        const expected = dotIn(segment, usOfFrame(frame, FPS));
        const off = Math.hypot(measured.x - expected.x, measured.y - expected.y);
        // The film crops at whole, even pixels: up to one off.
        assert.ok(off < 1.5, `picture ${index + 1}, frame ${frame}: ${off.toFixed(2)} px`);
      }
    }
  });

  it('on the captions: texts and times, with the SRT', async () => {
    const cues = cuesOf(await readFile(film.captionsPath!, 'utf8'));
    const { segments } = trackOf(draft, 'captions');
    const texts = new Map(
      draft.materials['texts']!.map(({ id, content }) => [id, JSON.parse(String(content)) as { text: string }]),
    );
    assert.equal(cues.length, timeline.tracks.captions.length);
    assert.equal(segments.length, cues.length);
    for (const [index, { startUs, durationUs, lines }] of timeline.tracks.captions.entries()) {
      const [cue, { material_id: id, target_timerange: target }] = [cues[index]!, segments[index]!];
      assert.deepEqual([target.start, target.duration], [startUs, durationUs]);
      assert.equal(texts.get(id)?.text, lines.join('\n'));
      assert.equal(cue.text, lines.join('\n'));
      assert.ok(Math.abs(cue.startMs - startUs / 1000) <= 1);
      assert.ok(Math.abs(cue.endMs - (startUs + durationUs) / 1000) <= 1);
    }
  });

  it('on where narration begins and ends, within a frame', async () => {
    const sound = await decodeSound(film.videoPath, { ffmpeg: studio.ffmpeg });
    for (const [index, { target_timerange: target, source_timerange: source, speed }] of trackOf(
      draft,
      'narration',
    ).segments.entries()) {
      const narration = timeline.tracks.narration[index]!;
      assert.deepEqual(
        [target.start, target.duration, speed],
        [narration.startUs, narration.durationUs, narration.tempo],
      );
      assert.ok(source!.duration >= narration.sourceDurationUs);
      const spokenUs = narration.sourceDurationUs / narration.tempo;
      const loud = (at: number): boolean =>
        levelDb(sound, { hz: SPEECH_HZ, fromUs: at - 10_000, toUs: at + 10_000 }) > -40;
      assert.ok(!loud(target.start - 35_000) && loud(target.start + 35_000), `narration ${index + 1} begins`);
      assert.ok(
        loud(target.start + spokenUs - 35_000) && !loud(target.start + spokenUs + 60_000),
        `narration ${index + 1} ends`,
      );
    }
  });

  it('on the volumes: of each narration, of the music, and of the music under narration', async () => {
    const sound = await decodeSound(film.videoPath, { ffmpeg: studio.ffmpeg });
    const narrations = trackOf(draft, 'narration').segments;
    const [music] = trackOf(draft, 'music').segments;
    // Measured: in the middle of each narration, and in the pauses where the music has come back.
    const middle = narrations.map(({ target_timerange: { start, duration } }) => span(start + duration / 2, 0.4));
    const pauses = narrations
      .slice(0, -1)
      .map(({ target_timerange: { start, duration } }) => span(start + duration + 1_300_000, 0.4));
    const speech = middle.map((at) => levelDb(sound, { hz: SPEECH_HZ, ...at }));
    const under = middle.map((at) => levelDb(sound, { hz: MUSIC_HZ, ...at }));
    const alone = pauses.map((at) => levelDb(sound, { hz: MUSIC_HZ, ...at }));

    // What an editor plays: the file's own level and the segment's volume. The film's loudness is set as a whole.
    const db = (value: number): number => 20 * Math.log10(value);
    const draftSpeech = narrations.map(({ volume }) => db(AMPLITUDE.speech * volume));
    const draftMusic = (at: { fromUs: number }): number => db(AMPLITUDE.music * volumeIn(draft, at.fromUs));
    const master = mean(speech.map((level, index) => level - draftSpeech[index]!));
    const near = (measured: number, inDraft: number, tolerance: number, what: string): void =>
      assert.ok(
        Math.abs(measured - master - inDraft) <= tolerance,
        `${what}: ${(measured - master).toFixed(1)} dB in the film, ${inDraft.toFixed(1)} dB in the draft`,
      );
    for (const [index, level] of speech.entries()) near(level, draftSpeech[index]!, 0.5, `narration ${index + 1}`);
    for (const [index, level] of alone.entries())
      near(level, draftMusic(pauses[index]!), 1, `music in pause ${index + 1}`);
    // The film compresses by what is spoken at each moment, the draft by the mean of each narration.
    for (const [index, level] of under.entries())
      near(level, draftMusic(middle[index]!), 1, `music under narration ${index + 1}`);

    const { volumeDb: musicDb } = timeline.tracks.music[0]!;
    assert.ok(Math.abs(db(music!.volume) - musicDb) < 0.01);
    for (const [index, { volumeDb }] of timeline.tracks.narration.entries())
      assert.ok(Math.abs(db(narrations[index]!.volume) - volumeDb) < 0.01);
  });

  async function filmOfTones(): Promise<Timeline> {
    const { assets } = studio;
    const canvas = { width: 360, height: 640 };
    const pictures: PictureSegment[] = [];
    for (const [index, colour] of COLOURS.entries()) {
      pictures.push({
        sceneId: `s${index + 1}`,
        startUs: us(index * 3),
        durationUs: us(3),
        source: { kind: 'still', asset: await plainPicture(assets, { colour, width: 400 + index * 100, height: 700 }) },
        motion:
          index % 2 === 0
            ? { from: { zoom: 1, x: 0.5, y: 0.5 }, to: { zoom: 1.14, x: 0.3, y: 0.55 } }
            : { from: { zoom: 1.2, x: 0.7, y: 0.4 }, to: { zoom: 1, x: 0.5, y: 0.5 } },
        transitionUs: us(TRANSITIONS[index]! / FPS),
      });
    }
    const speech: AssetRef = await tone(assets, { hz: SPEECH_HZ, seconds: 1.01, amplitude: AMPLITUDE.speech });
    const music: AssetRef = await tone(assets, { hz: MUSIC_HZ, seconds: 5, amplitude: AMPLITUDE.music });
    const narration = COLOURS.map((_, index) => ({
      sceneId: `s${index + 1}`,
      startUs: us(index * 3 + 0.6),
      // Up to the frame after the recording's end.
      durationUs: us(index * 3 + 0.6 + (index === 1 ? 27 : 31) / FPS) - us(index * 3 + 0.6),
      asset: speech,
      sourceDurationUs: 1_010_000,
      tempo: index === 1 ? 1.15 : 1,
      volumeDb: index === 2 ? -3 : 0,
    }));
    const captions = COLOURS.map((_, index) => ({
      sceneId: `s${index + 1}`,
      startUs: us(index * 3 + 0.5),
      durationUs: us(2),
      lines: [['第一句'], ['two', 'lines {x}'], ['“三”'], ['🍅 4']][index]!,
      words: null,
    }));
    return {
      version: 1,
      canvas,
      fps: FPS,
      durationUs: us(SECONDS),
      title: 'Tones',
      language: 'zh',
      tracks: {
        pictures,
        narration,
        music: [
          {
            startUs: 0,
            durationUs: us(SECONDS),
            source: { kind: 'asset', asset: music },
            volumeDb: -8,
            fadeInUs: us(0.5),
            fadeOutUs: us(1),
            ducked: true,
          },
        ],
        captions,
        labels: [],
        titles: [],
      },
    };
  }

  /** The transition that a segment hands over with, in µs. */
  function transitionInto({ extra_material_refs: refs }: Segment): number {
    const transition = draft.materials['transitions']!.find(({ id }) => refs.includes(id));
    return transition === undefined ? 0 : Number(transition['duration']);
  }

  /** Where an editor shows the dot of a picture: fitted into the canvas, scaled and moved by the keyframes. */
  function dotIn(segment: Segment, atUs: number): { x: number; y: number } {
    const { width, height } = timeline.canvas;
    const picture = draft.materials['videos']!.find(({ id }) => id === segment.material_id)!;
    const [w, h] = [Number(picture['width']), Number(picture['height'])];
    const at = (property: string, still: number): number =>
      valueAt(courseOf(segment, property), atUs - segment.target_timerange.start) ?? still;
    const scale = at('KFTypeScaleX', segment.clip!.scale.x) * Math.min(width / w, height / h);
    return {
      x: width / 2 + (DOT.x - 0.5) * w * scale + (at('KFTypePositionX', segment.clip!.transform.x) * width) / 2,
      y: height / 2 + (DOT.y - 0.5) * h * scale - (at('KFTypePositionY', segment.clip!.transform.y) * height) / 2,
    };
  }
});

/** Where `plainPicture` has its dot. */
const DOT = { x: 0.45, y: 0.3 };

const span = (middleUs: number, seconds: number): { fromUs: number; toUs: number } => ({
  fromUs: middleUs - (seconds * 1e6) / 2,
  toUs: middleUs + (seconds * 1e6) / 2,
});

/** How much of the way from one colour to the other. */
function shareOf(colour: Colour, from: Colour, to: Colour): number {
  const way = to.map((value, each) => value - from[each]!);
  const gone = colour.reduce((sum, value, each) => sum + (value - from[each]!) * way[each]!, 0);
  return gone / way.reduce((sum, value) => sum + value * value, 0);
}

function volumeIn(draft: DraftContent, atUs: number): number {
  const segment = trackOf(draft, 'music').segments.find(
    ({ target_timerange: { start, duration } }) => atUs >= start && atUs < start + duration,
  )!;
  return valueAt(courseOf(segment, 'KFTypeVolume'), atUs - segment.target_timerange.start) ?? segment.volume;
}

/** Straight between keyframes, as the apps go; null without any. */
function valueAt(course: readonly { us: number; value: number }[], atUs: number): number | null {
  const next = course.findIndex((point) => point.us >= atUs);
  if (course.length === 0) return null;
  if (next <= 0) return course.at(next)!.value;
  const [a, b] = [course[next - 1]!, course[next]!];
  return a.value + ((b.value - a.value) * (atUs - a.us)) / (b.us - a.us);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
