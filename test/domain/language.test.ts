import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { countsCharacters, isWrittenLike, languageOf, spokenLength } from '../../src/domain/language.ts';
import { planScript } from '../../src/domain/script-plan.ts';
import { MAX_SCENES } from '../../src/domain/storyboard.ts';

const HAN = fc.string({ unit: fc.constantFrom(...'番茄阳台种植山谷水壶'), minLength: 1, maxLength: 40 });
const WORD = fc.string({ unit: fc.constantFrom(...'abcdefghé'), minLength: 1, maxLength: 12 });
const PUNCTUATION = fc.string({ unit: fc.constantFrom(...'，。！？、…—“” \n.,!?🍅'), maxLength: 10 });

describe('languageOf', () => {
  it('goes by the script of the theme', () => {
    const themes = {
      怎样在阳台上种番茄: 'zh',
      'iPhone 评测': 'zh',
      トマトの育て方: 'ja',
      番茄を育てる: 'ja',
      奶茶の店: 'zh',
      '列奥纳多・达・芬奇': 'zh',
      '토마토 키우기': 'ko',
      'How to grow tomatoes': 'en',
      'Comment cultiver des tomates': 'en',
      '2030': 'en',
      '': 'en',
    };
    for (const [theme, language] of Object.entries(themes)) assert.equal(languageOf(theme), language, theme);
  });

  it('is not changed by punctuation or by Latin words beside Han', () => {
    fc.assert(
      fc.property(HAN, WORD, PUNCTUATION, (han, word, marks) => {
        assert.equal(languageOf(marks + word + marks + han), 'zh');
      }),
    );
  });
});

describe('isWrittenLike', () => {
  it('goes by what most of a line is written in, not by the names in it', () => {
    for (const [one, other, alike] of [
      ['iPhone 17 Pro 评测', '这款手机值得买吗', true],
      ['Visit the 故宫 with us today', 'A day in Beijing', true],
      ['把番茄种在阳光里', 'Put tomatoes in the sun', false],
      ['トマトを育てる', '番茄', true],
      ['토마토', 'tomato', false],
    ] as const) {
      assert.equal(isWrittenLike(one, other), alike, `${one} and ${other}`);
      assert.equal(isWrittenLike(other, one), alike);
    }
  });
});

describe('spokenLength', () => {
  it('counts characters where words are not parted, words where they are', () => {
    assert.equal(spokenLength('清晨的山谷，阳光正好。', 'zh'), 9);
    assert.equal(spokenLength('清晨的山谷，阳光正好。', 'zh-CN'), 9);
    assert.equal(spokenLength('Don’t over-water it: 2 cups, twice!', 'en'), 6);
    assert.equal(spokenLength("It's café-style.", 'en-GB'), 2);
  });

  it('is zero exactly when there is nothing to speak', () => {
    fc.assert(
      fc.property(
        PUNCTUATION,
        fc.option(fc.oneof(HAN, WORD)),
        fc.constantFrom('zh', 'en', 'ja'),
        (marks, said, language) => {
          assert.equal(spokenLength(`${marks}${said ?? ''}${marks}`, language) === 0, said === null);
        },
      ),
    );
  });

  it('of characters is the sum of its parts, whatever stands between', () => {
    fc.assert(
      fc.property(HAN, HAN, PUNCTUATION, (a, b, marks) => {
        assert.equal(spokenLength(a + marks + b, 'zh'), [...a].length + [...b].length);
      }),
    );
  });

  it('of words is their number', () => {
    fc.assert(
      fc.property(fc.array(WORD), (words) => assert.equal(spokenLength(`${words.join(', ')}.`, 'en'), words.length)),
    );
  });

  it('knows a language by its tag, not by how the tag begins', () => {
    for (const tag of ['zh', 'zh-Hant-TW', 'ja-JP', 'ko', 'yue']) assert.equal(countsCharacters(tag), true, tag);
    for (const tag of ['en', 'kok', 'jav', 'de-CH', 'fr']) assert.equal(countsCharacters(tag), false, tag);
  });
});

describe('planScript', () => {
  it('gives each length a script that can be spoken in its time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 180 }), fc.constantFrom('zh', 'en', 'ja', 'fr'), (seconds, language) => {
        const { scenes, narrationLength, maxTotalLength } = planScript(seconds, language);
        assert.ok(Number.isInteger(scenes) && scenes >= 2 && scenes <= MAX_SCENES);
        assert.ok(Number.isInteger(narrationLength) && narrationLength >= 1);
        // What is asked for must itself be accepted, and be spoken at tempo 1.2 at most.
        const fastest = (countsCharacters(language) ? 4.2 : 2.4) * 1.2;
        assert.ok(scenes * narrationLength <= maxTotalLength, `${scenes} × ${narrationLength} > ${maxTotalLength}`);
        assert.ok(maxTotalLength <= Math.ceil(seconds * fastest), `${maxTotalLength} in ${seconds} s`);
      }),
    );
  });
});
