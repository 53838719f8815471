import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { assembleKernels } from '../../../scripts/make-kernels.ts';
import { KERNELS } from './kernels.ts';
import { frameBytes, movingFrames, type MovingPicture } from './moving-frames.ts';

/** No plane's rows are whole groups of the kernels'. */
const CANVAS = { width: 78, height: 138 };

/** Something else in every pixel, without chance. */
const picture = (seed: number): Uint8Array =>
  Uint8Array.from({ length: frameBytes(CANVAS) }, (_, at) => (Math.imul(at + seed, 2_654_435_761) >>> 13) & 255);

const CLOSER: MovingPicture = {
  motion: { from: { zoom: 1, x: 0.5, y: 0.5 }, to: { zoom: 1.31, x: 0.1, y: 0.9 } },
  offset: 3,
  length: 10,
};
const AWAY: MovingPicture = {
  motion: { from: { zoom: 1.2, x: 1, y: 0 }, to: { zoom: 1, x: 0, y: 0 } },
  offset: 0,
  length: 4,
};

/** The same by the definition, pixel by pixel. */
function plainly(source: Uint8Array, { motion: { from, to }, offset, length }: MovingPicture, frame: number): number[] {
  const progress = (offset + frame + 1) / length;
  const at = (key: 'zoom' | 'x' | 'y') => from[key] + (to[key] - from[key]) * progress;
  const left = CANVAS.width * (1 - 1 / at('zoom')) * at('x');
  const top = CANVAS.height * (1 - 1 / at('zoom')) * at('y');
  let start = 0;
  return [1, 2, 2].flatMap((scale) => {
    const [width, height] = [CANVAS.width / scale, CANVAS.height / scale];
    const pixel = (x: number, y: number) => source[start + Math.min(y, height - 1) * width + Math.min(x, width - 1)]!;
    const plane = Array.from({ length: width * height }, (_, index) => {
      const x = left / scale + (index % width) / at('zoom');
      const y = top / scale + Math.floor(index / width) / at('zoom');
      const [i, j] = [Math.floor(x), Math.floor(y)];
      const row = (of: number) => pixel(i, of) * (1 - (x - i)) + pixel(i + 1, of) * (x - i);
      return row(j) * (1 - (y - j)) + row(j + 1) * (y - j);
    });
    start += width * height;
    return plane;
  });
}

const apart = (drawn: Uint8Array, expected: readonly number[]): number =>
  expected.reduce((most, value, at) => Math.max(most, Math.abs(drawn[at]! - value)), 0);

describe('moving frames', () => {
  it('lie between the pixels of their picture, to the last one', () => {
    const source = picture(1);
    let frame = 0;
    for (const drawn of movingFrames({ canvas: CANVAS, pictures: [CLOSER], frames: 7 }, [source])) {
      assert.equal(drawn.length, frameBytes(CANVAS));
      const most = apart(drawn, plainly(source, CLOSER, frame));
      assert.ok(most < 0.6, `frame ${frame} is ${most} off`);
      frame += 1;
    }
    assert.equal(frame, 7);
  });

  it('are the picture itself where the window shows all of it', () => {
    const source = picture(2);
    const still = { ...AWAY, motion: { from: AWAY.motion.to, to: AWAY.motion.to } };
    const [drawn] = movingFrames({ canvas: CANVAS, pictures: [still], frames: 1 }, [source]);
    assert.deepEqual(Buffer.from(drawn!), Buffer.from(source));
  });

  it('dissolve from the first picture alone, evenly', () => {
    const sources = [picture(3), picture(4)];
    const order = { canvas: CANVAS, pictures: [CLOSER, AWAY], frames: 4 };
    let frame = 0;
    for (const drawn of movingFrames(order, sources)) {
      const [first, second] = order.pictures.map((each, at) => plainly(sources[at]!, each, frame)) as [
        number[],
        number[],
      ];
      const expected = first.map((value, at) => value + ((second[at]! - value) * frame) / 4);
      assert.ok(apart(drawn, expected) < 1.2, `frame ${frame} is ${apart(drawn, expected)} off`);
      frame += 1;
    }
  });

  it('are drawn by the kernels as they are written', async () => {
    const text = await readFile(new URL('kernels.wat', import.meta.url), 'utf8');
    assert.deepEqual(Buffer.from(await assembleKernels(text)), KERNELS, 'run `npx tsx scripts/make-kernels.ts`');
  });
});
