import { videoEncoding } from '../../src/render/encoding.ts';
import type { Timeline } from '../../src/timeline/timeline.ts';

/** Our encoder's arguments, but for how its work is divided: the baselines have one encoder, and ffmpeg's own choice of threads. */
export const sameSettings = (timeline: Timeline): string[] =>
  videoEncoding(timeline, { format: 'mp4', content: 'stills' }).map((argument) =>
    argument
      .split(':')
      .filter((parameter) => !/^(sliced-)?threads=/.test(parameter))
      .join(':'),
  );
