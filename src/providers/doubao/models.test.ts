import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ASPECT_RATIOS, canvasFor, RESOLUTIONS } from '../../domain/canvas.ts';
import { PermanentError } from '../../domain/errors.ts';
import { findImageModel, imageSizeFor, isLegalSize } from './models.ts';

const MODELS = [
  'doubao-seedream-3-0-t2i-250415',
  'doubao-seedream-4-0-250828',
  'doubao-seedream-4-5-251128',
  'doubao-seedream-5-0-260128',
  'doubao-seedream-5-0-pro-260628',
  'doubao-seedream-5-0-flash-260915',
];

describe('imageSizeFor', () => {
  for (const model of MODELS) {
    it(`${model}: every ratio and resolution has a legal size of that ratio that covers the canvas`, () => {
      const limits = findImageModel(model);
      assert.ok(limits);
      for (const ratio of ASPECT_RATIOS) {
        for (const resolution of RESOLUTIONS) {
          const canvas = canvasFor(ratio, resolution);
          const chosen = imageSizeFor(model, ratio, canvas);
          const what = `${ratio} ${resolution}: ${chosen.width}x${chosen.height}`;
          assert.ok(isLegalSize(limits, chosen), what);
          assert.ok(chosen.width >= canvas.width && chosen.height >= canvas.height, what);
          const drift = chosen.width / chosen.height / (canvas.width / canvas.height);
          assert.ok(Math.abs(drift - 1) < 0.005, what);
        }
      }
    });

    it(`${model}: the vendor's own sizes are legal`, () => {
      const limits = findImageModel(model);
      assert.ok(limits);
      for (const sizes of Object.values(limits.recommended)) {
        for (const size of sizes) assert.ok(isLegalSize(limits, size), `${size.width}x${size.height}`);
      }
    });
  }

  const chosen = (model: string, canvas = canvasFor('9:16', '1080p')) => {
    const { width, height } = imageSizeFor(model, '9:16', canvas);
    return `${width}x${height}`;
  };

  it('takes a size of the vendor where one covers the canvas', () => {
    assert.equal(chosen('doubao-seedream-4-0-250828'), '1440x2560');
    assert.equal(chosen('doubao-seedream-4-5-251128'), '1440x2560');
    assert.equal(chosen('doubao-seedream-5-0-260128'), '1440x2560');
    assert.equal(chosen('doubao-seedream-5-0-pro-260628'), '1584x2816');
    assert.equal(chosen('doubao-seedream-3-0-t2i-250415', canvasFor('9:16', '720p')), '720x1280');
  });

  it('computes one where none does', () => {
    assert.equal(chosen('doubao-seedream-3-0-t2i-250415'), '1080x1920');
  });

  it('takes the largest legal size for a canvas beyond the model', () => {
    assert.equal(chosen('doubao-seedream-3-0-t2i-250415', { width: 2160, height: 3840 }), '1152x2048');
  });

  it('knows a model by the names of both regions', () => {
    assert.equal(findImageModel('seedream-4-5-251128')?.family, 'seedream-4.5');
    assert.equal(findImageModel('seedream-5-0-260128')?.family, 'seedream-5.0-lite');
    assert.equal(findImageModel('doubao-seedream-5-0-lite-260128')?.family, 'seedream-5.0-lite');
  });

  it('takes the limits of an endpoint id from its family, and names the setting without one', () => {
    const model = 'ep-20260416234150-zsd4v';
    const canvas = canvasFor('9:16', '720p');
    const family = 'doubao-seedream-3-0-t2i-250415';
    assert.deepEqual(imageSizeFor(model, '9:16', canvas, { family }), { width: 720, height: 1280 });
    for (const options of [{}, { family: null }, { family: 'dall-e' }]) {
      assert.throws(
        () => imageSizeFor(model, '9:16', canvas, options),
        (error) => error instanceof PermanentError && /ARK_IMAGE_MODEL_FAMILY/.test(error.message),
      );
    }
  });
});

describe('isLegalSize', () => {
  const cases: [model: string, width: number, height: number, legal: boolean][] = [
    ['doubao-seedream-4-0-250828', 720, 1280, true],
    ['doubao-seedream-4-5-251128', 720, 1280, false],
    ['doubao-seedream-4-5-251128', 1080, 1920, false],
    ['doubao-seedream-5-0-260128', 1080, 1920, false],
    ['doubao-seedream-5-0-pro-260628', 1080, 1920, true],
    ['doubao-seedream-5-0-pro-260628', 2304, 2304, false],
    ['doubao-seedream-3-0-t2i-250415', 2160, 2160, false],
    ['doubao-seedream-3-0-t2i-250415', 400, 1200, false],
    ['doubao-seedream-4-0-250828', 8200, 480, false],
    ['doubao-seedream-4-0-250828', 480, 8200, false],
  ];
  for (const [model, width, height, legal] of cases) {
    it(`${model} ${legal ? 'takes' : 'refuses'} ${width}x${height}`, () => {
      const limits = findImageModel(model);
      assert.equal(limits && isLegalSize(limits, { width, height }), legal);
    });
  }
});
