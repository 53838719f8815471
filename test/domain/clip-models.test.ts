import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ASPECT_RATIOS, canvasFor } from '../../src/domain/canvas.ts';
import { clipShapeFor, clipTokens, findClipModel } from '../../src/domain/clip-models.ts';
import { PermanentError } from '../../src/domain/errors.ts';

const PRO = 'doubao-seedance-1-0-pro-250528';
const wish = (
  resolution: '360p' | '720p' | '1080p',
  seconds: number,
  aspectRatio: (typeof ASPECT_RATIOS)[number] = '9:16',
) => ({
  ...{ aspectRatio, canvas: canvasFor(aspectRatio, resolution), seconds },
});

describe('the shape of a clip', () => {
  it('is the smallest raster that covers the film, or nearly', () => {
    const shapes = (['360p', '720p', '1080p'] as const).map((resolution) => clipShapeFor(PRO, wish(resolution, 5)));
    assert.deepEqual(
      shapes.map(({ resolution, raster }) => [resolution, raster.width, raster.height]),
      [
        ['480p', 480, 864],
        ['720p', 704, 1248],
        ['1080p', 1088, 1920],
      ],
    );
  });

  it('is the largest raster of a model that has none as large as the film', () => {
    const { resolution } = clipShapeFor('doubao-seedance-2-0-fast-260128', wish('1080p', 5));
    assert.equal(resolution, '720p');
  });

  it('has whole seconds, as many as are needed and the model makes', () => {
    const seconds = (model: string, wanted: number) => clipShapeFor(model, wish('360p', wanted)).durationSeconds;
    assert.deepEqual([seconds(PRO, 0.8), seconds(PRO, 3.2), seconds(PRO, 40)], [2, 4, 12]);
    assert.deepEqual(
      [seconds('doubao-seedance-1-5-pro-251215', 1), seconds('doubao-seedance-2-5-260628', 40)],
      [4, 30],
    );
  });

  it('has the film’s ratio, whatever it is', () => {
    for (const ratio of ASPECT_RATIOS) {
      const { raster } = clipShapeFor(PRO, wish('720p', 5, ratio));
      const { width, height } = canvasFor(ratio, '720p');
      assert.ok(Math.abs(raster.width / raster.height / (width / height) - 1) < 0.03, ratio);
    }
  });

  it('is billed as the vendor’s own samples are', () => {
    assert.equal(clipTokens({ raster: { width: 1280, height: 720 }, durationSeconds: 5 }), 108_900);
    assert.equal(clipTokens({ raster: { width: 1920, height: 1088 }, durationSeconds: 5 }), 246_840);
  });

  it('is not guessed for a model that nobody knows, or that needs a picture', () => {
    const codeOf = (model: string, family: string | null = null) => {
      try {
        return clipShapeFor(model, wish('360p', 5), { family }).resolution;
      } catch (error) {
        assert.ok(error instanceof PermanentError);
        return error.code;
      }
    };
    assert.equal(codeOf('ep-20260416234150-zsd4v'), 'unknown_clip_model');
    assert.equal(codeOf('doubao-seedance-1-0-lite-i2v-250428'), 'unknown_clip_model');
    assert.equal(codeOf('ep-20260416234150-zsd4v', PRO), '480p');
  });

  it('knows what each family takes beside it', () => {
    const takes = (model: string) => {
      const { takesSeed, takesAudio, firstFrame } = findClipModel(model)!;
      return [takesSeed, takesAudio, firstFrame];
    };
    assert.deepEqual(takes(PRO), [true, false, 'any_ratio']);
    assert.deepEqual(takes('seedance-1-0-lite-t2v-250428'), [true, false, 'no']);
    assert.deepEqual(takes('doubao-seedance-2-5-260628'), [false, true, 'adaptive']);
  });
});
