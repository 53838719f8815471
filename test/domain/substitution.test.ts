import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AssetRef } from '../../src/domain/asset.ts';
import { Degradation } from '../../src/domain/degradation.ts';
import { type PictureWish, substitutePictures } from '../../src/domain/substitution.ts';

const refOf = (n: number): AssetRef => {
  const sha256 = n.toString(16).padStart(64, '0');
  return { uri: `asset:${sha256}`, mediaType: 'image/png', sizeBytes: 1, sha256 };
};

/** Scenes s1, s2, …: true has its picture, false has not. */
const wishesOf = (has: readonly boolean[]): PictureWish[] =>
  has.map((own, n) => ({
    sceneId: `s${n + 1}`,
    text: `text ${n + 1}`,
    picture: own
      ? { image: refOf(n + 1), width: 1, height: 1, model: 'm' }
      : { code: `why_${n + 1}`, detail: `detail ${n + 1}` },
  }));

/** Scenes as `x` (has a picture) and `-`; the answer names whose picture each shows, `T` for a title card. */
function shown(pattern: string): string {
  const { pictures } = substitutePictures(wishesOf([...pattern].map((mark) => mark === 'x')));
  return [...pictures.values()]
    .map((picture) => (picture.kind === 'title_card' ? 'T' : parseInt(picture.asset.sha256, 16)))
    .join('');
}

describe('substitutePictures', () => {
  it('takes the scene before, else the one after, else a title card', () => {
    const expected = {
      xxx: '123',
      'x-x': '113',
      '-xx': '223',
      'xx-': '122',
      'x--': '11T',
      '--x': 'T33',
      'x---x': '11T55',
      '--': 'TT',
      '-': 'T',
    };
    for (const [pattern, pictures] of Object.entries(expected)) assert.equal(shown(pattern), pictures, pattern);
  });

  it('says on the title card what the scene says', () => {
    const { pictures } = substitutePictures(wishesOf([false]));
    assert.deepEqual(pictures.get('s1'), { kind: 'title_card', text: 'text 1' });
  });

  it('gives every scene one picture, and tells each substitution, and only those, truthfully', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (has) => {
        const { pictures, degradations } = substitutePictures(wishesOf(has));
        assert.deepEqual(
          [...pictures.keys()],
          has.map((_, n) => `s${n + 1}`),
        );
        const missing = has.flatMap((own, n) => (own ? [] : [n + 1]));
        assert.deepEqual(
          degradations.map(({ sceneId, what, why, detail }) => ({ sceneId, what, why, detail })),
          missing.map((n) => ({ sceneId: `s${n}`, what: 'picture', why: `why_${n}`, detail: `detail ${n}` })),
        );
        const replacedBy = new Map(degradations.map((line) => [Degradation.parse(line).sceneId, line.replacedBy]));
        for (const [sceneId, picture] of pictures) {
          if (picture.kind === 'title_card') {
            assert.equal(replacedBy.get(sceneId), 'title_card');
            continue;
          }
          const owner = `s${parseInt(picture.asset.sha256, 16)}`;
          assert.equal(replacedBy.get(sceneId) ?? `picture of ${sceneId}`, `picture of ${owner}`);
        }
      }),
    );
  });
});
