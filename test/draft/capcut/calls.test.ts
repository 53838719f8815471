import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { draftCalls } from '../../../src/providers/capcut/draft-calls.ts';
import type { CapcutCall } from '../../../src/providers/capcut/interfaces.ts';
import type { DraftMedia } from '../../../src/draft/media.ts';
import { frameOfUs } from '../../../src/timeline/frames.ts';
import type { Timeline } from '../../../src/timeline/timeline.ts';
import { testTimeline } from '../../render/films.ts';
import { useStudio } from '../studio.ts';

/** What each call lays down, in the server's own arithmetic: rounded apart, and divided by the speed. */
function laidDown({ tool, parameters }: CapcutCall): { startUs: number; endUs: number } {
  const us = (seconds: unknown): number => Math.round(Number(seconds) * 1e6);
  const [start, end] = [Number(parameters['start']), Number(parameters['end'])];
  const startUs = us(parameters['target_start'] ?? start);
  const length = us(end - start);
  const speed = tool === 'add_video' || tool === 'add_audio' ? Number(parameters['speed']) : 1;
  return { startUs, endUs: startUs + Math.round(length / speed) };
}

describe('the calls of CapCutAPI', () => {
  const studio = useStudio();
  let calls: CapcutCall[] = [];
  let timeline: Timeline;
  const on = (track: string) => calls.filter(({ parameters }) => parameters.track_name === track);
  const adds = (track: string) => on(track).filter(({ tool }) => tool !== 'add_video_keyframe');

  before(async () => {
    timeline = await testTimeline(studio.assets, {
      ...{ durationSeconds: 60, fps: 24, texts: Array.from({ length: 12 }, (_, scene) => `第${scene}句，慢慢说。`) },
    });
    const clip = {
      file: 'assets/video/clip.mp4',
      width: 640,
      height: 360,
      clip: { durationUs: 20_000_000, speed: 0.83 },
    };
    const still = { file: 'assets/image/a.png', width: 400, height: 700, clip: null };
    const sound = { file: 'assets/audio/a.wav', durationUs: 40_000_000, levelDb: -20 };
    for (const [index, narration] of timeline.tracks.narration.entries()) narration.tempo = index % 2 === 0 ? 1 : 1.13;
    const media: DraftMedia = {
      pictures: timeline.tracks.pictures.map((_, index) => (index % 3 === 1 ? clip : still)),
      narration: timeline.tracks.narration.map(() => sound),
      music: timeline.tracks.music.map(() => sound),
    };
    calls = draftCalls(timeline, { media, sourceOf: (file) => `/drafts/${file}` });
  });

  it('leave no microsecond between pictures and overlap nowhere, whatever the rate and the speeds', () => {
    for (const track of new Set(calls.map(({ parameters }) => parameters.track_name))) {
      const spans = adds(track).map(laidDown);
      for (const [index, { startUs, endUs }] of spans.entries()) {
        assert.ok(endUs > startUs, `${track} ${index}`);
        const next = spans[index + 1];
        if (next === undefined) continue;
        assert.ok(endUs <= next.startUs, `${track} ${index} ends at ${endUs}, the next begins at ${next.startUs}`);
        if (track === 'pictures') assert.equal(endUs, next.startUs);
      }
    }
  });

  it('cut on the Timeline’s own frames', () => {
    const { fps, tracks } = timeline;
    assert.ok(adds('pictures').some(({ tool }) => tool === 'add_video'));
    for (const [index, { startUs }] of tracks.pictures.entries())
      assert.equal(frameOfUs(laidDown(adds('pictures')[index]!).startUs, fps), frameOfUs(startUs, fps));
  });

  it('say what the server would otherwise make up, and call no track by a name of its own', () => {
    for (const { tool, parameters } of calls) {
      assert.notEqual(parameters.track_name, 'video');
      const wanted = {
        add_audio: ['end', 'duration', 'speed', 'volume'],
        add_video: ['end', 'duration', 'target_start', 'volume'],
        add_image: ['start', 'end'],
        add_text: ['font', 'font_color', 'font_size', 'transform_y', 'vertical', 'background_alpha', 'border_width'],
        add_video_keyframe: ['property_types', 'times', 'values'],
      }[tool];
      for (const name of wanted) assert.notEqual(parameters[name], undefined, `${tool}: ${name}`);
    }
  });

  it('put keyframes inside the segment they are meant for, and values as texts', () => {
    let span = { startUs: 0, endUs: 0 };
    for (const call of on('pictures')) {
      if (call.tool !== 'add_video_keyframe') {
        span = laidDown(call);
        continue;
      }
      const { times, values } = call.parameters as unknown as { times: number[]; values: unknown[] };
      for (const time of times) {
        const us = Math.trunc(time * 1e6);
        // A moment on the cut is the picture's before.
        assert.ok(us > span.startUs || span.startUs === 0, `${us} in ${JSON.stringify(span)}`);
        assert.ok(us <= span.endUs, `${us} in ${JSON.stringify(span)}`);
      }
      assert.ok(values.every((value) => typeof value === 'string'));
    }
  });
});
