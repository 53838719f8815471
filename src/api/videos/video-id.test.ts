import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bodyHash } from './video-id.ts';

describe('bodyHash', () => {
  const hash = (body: object): string => bodyHash('a secret', body);
  const body = { theme: 'x', deadline: null, ownMaterial: [{ sceneId: 's1', text: 'a', picture: null }] };

  it('is the same in any order, and whatever fields a later release adds that say nothing', () => {
    const later = { ownMaterial: [{ clip: null, picture: null, text: 'a', sceneId: 's1' }], theme: 'x', extras: [] };
    assert.equal(hash(later), hash(body));
  });

  it('differs where anything is said otherwise, also deep inside and in the order of lists', () => {
    const scene = (text: string) => ({ sceneId: 's1', text });
    const bodies = [body, { theme: 'x' }, { ...body, maxCost: 0 }, { theme: 'x', ownMaterial: [scene('b')] }];
    const lists = [{ ownMaterial: [scene('a'), scene('b')] }, { ownMaterial: [scene('b'), scene('a')] }];
    assert.equal(new Set([...bodies, ...lists].map(hash)).size, 6);
    assert.notEqual(hash(body), bodyHash('another secret', body));
  });
});
