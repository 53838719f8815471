import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ASPECT_RATIOS } from '../../src/domain/canvas.ts';
import { composePicturePrompt, type PictureParts } from '../../src/domain/picture-prompt.ts';

const PARTS: PictureParts = {
  scene: '一只橘猫在窗台上打盹',
  subject: '橘猫，琥珀色眼睛，左耳有缺口',
  style: '水彩',
  look: '低饱和，柔和逆光',
  aspectRatio: '9:16',
  maxBytes: 900,
};

describe('composePicturePrompt', () => {
  it('says what is seen, who recurs, in which manner and how it fills the frame, in this order', () => {
    assert.equal(
      composePicturePrompt(PARTS),
      '一只橘猫在窗台上打盹。主体：橘猫，琥珀色眼睛，左耳有缺口。画面风格：水彩，低饱和，柔和逆光。构图：竖幅9:16，主体居中偏上，下方三分之一留白。画面中不要出现文字。',
    );
    const english: PictureParts = {
      scene: 'A ginger cat naps on a sill.',
      subject: 'ginger cat, amber eyes',
      style: null,
      look: 'muted tones',
      aspectRatio: '16:9',
      maxBytes: 900,
    };
    assert.equal(
      composePicturePrompt(english),
      'A ginger cat naps on a sill. Subject: ginger cat, amber eyes. Style: muted tones. Composition: wide 16:9, subject to one side, lower quarter kept plain. No lettering in the picture.',
    );
  });

  it('leaves out what there is nothing to say of', () => {
    const bare = composePicturePrompt({ ...PARTS, subject: '', style: null, look: '' });
    assert.doesNotMatch(bare, /主体：|画面风格/);
    assert.match(bare, /打盹。构图：/);
  });

  it('describes the subject in the same words in every scene of a film, and has a composition for every ratio', () => {
    const ofScene = (scene: string) => composePicturePrompt({ ...PARTS, scene });
    const [one, other] = [ofScene('猫在跳'), ofScene('猫在睡')];
    assert.equal(one.slice(one.indexOf('。')), other.slice(other.indexOf('。')));
    const compositions = ASPECT_RATIOS.map((aspectRatio) => composePicturePrompt({ ...PARTS, aspectRatio }));
    for (const [index, ratio] of ASPECT_RATIOS.entries()) assert.ok(compositions[index]?.includes(ratio));
    assert.equal(new Set(compositions).size, ASPECT_RATIOS.length);
  });

  it('is never longer than it may be, whole characters, and keeps every part', () => {
    const text = fc.string({ unit: fc.constantFrom('猫', 'a', ' ', '，', '🍅', 'é', '.'), maxLength: 400 });
    fc.assert(
      fc.property(text, text, text, fc.integer({ min: 500, max: 900 }), (scene, subject, look, maxBytes) => {
        const prompt = composePicturePrompt({ ...PARTS, scene: `猫${scene}`, subject: `主${subject}`, look, maxBytes });
        assert.ok(Buffer.byteLength(prompt) <= maxBytes, `${Buffer.byteLength(prompt)} of ${maxBytes}`);
        assert.equal(Buffer.from(prompt).toString(), prompt);
        for (const part of ['猫', '主体：主', '构图：竖幅9:16', '画面中不要出现文字。'])
          assert.ok(prompt.includes(part), prompt);
      }),
    );
  });
});
