import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_VOICE, VOICES, findVoice } from '../domain/voice.ts';
import { fieldFaults } from './field-faults.ts';
import { toVideoSpec } from './to-video-spec.ts';
import { VIDEO_REQUEST_FIELDS, VideoRequest } from './video-request.ts';

const CHINESE = '介绍我们的新款智能手表';
const ENGLISH = 'Introduce our new smart watch';
const JAPANESE = '新しいスマートウォッチを紹介します';
const ADAM = 'en_male_adam_mars_bigtts';
const BOTH = 'zh_female_shuangkuaisisi_moon_bigtts';

function narratorOf(body: Record<string, unknown>): [voiceType: string, language: string] {
  const { voiceType, language } = toVideoSpec(VideoRequest.parse(body));
  return [voiceType, language];
}

function faultsOf(body: Record<string, unknown>): Record<string, string> {
  const parsed = VideoRequest.safeParse(body);
  const faults = parsed.success ? [] : fieldFaults(parsed.error, VIDEO_REQUEST_FIELDS, 'body');
  return Object.fromEntries(faults.map(({ field, message }) => [field, message]));
}

describe('the narrator', () => {
  it('speaks the language of the theme when nothing else is said', () => {
    assert.deepEqual(narratorOf({ video_theme: CHINESE }), [DEFAULT_VOICE, 'zh']);
    assert.deepEqual(narratorOf({ video_theme: ENGLISH }), [ADAM, 'en']);
    assert.deepEqual(narratorOf({ video_theme: ENGLISH, language: 'auto' }), [ADAM, 'en']);
  });

  it('is not misled by a の or a dot of a Chinese theme', () => {
    for (const video_theme of ['鲜の每日果汁', '达・芬奇的一生'])
      assert.deepEqual(narratorOf({ video_theme }), [DEFAULT_VOICE, 'zh']);
  });

  it('speaks the language asked for, whatever the theme is written in', () => {
    assert.deepEqual(narratorOf({ video_theme: CHINESE, language: 'en-GB' }), [ADAM, 'en-GB']);
    assert.deepEqual(narratorOf({ video_theme: ENGLISH, language: 'zh-CN' }), [DEFAULT_VOICE, 'zh-CN']);
  });

  it('is the voice asked for, in the theme’s language where it can, else in its own', () => {
    assert.deepEqual(narratorOf({ video_theme: ENGLISH, voice_type: BOTH }), [BOTH, 'en']);
    assert.deepEqual(narratorOf({ video_theme: CHINESE, voice_type: BOTH }), [BOTH, 'zh']);
    assert.deepEqual(narratorOf({ video_theme: CHINESE, voice_type: ADAM }), [ADAM, 'en']);
    assert.deepEqual(narratorOf({ video_theme: ENGLISH, voice_type: DEFAULT_VOICE }), [DEFAULT_VOICE, 'zh']);
    assert.deepEqual(narratorOf({ video_theme: JAPANESE, voice_type: BOTH }), [BOTH, 'zh']);
  });

  it('is refused when voice and language do not go together, with every voice that would', () => {
    const { voice_type: fault = '' } = faultsOf({ video_theme: CHINESE, voice_type: ADAM, language: 'zh-CN' });
    assert.match(fault, /^en_male_adam_mars_bigtts does not speak zh-CN: /);
    const named = VOICES.filter(({ id }) => new RegExp(`\\b${id}\\b`).test(fault.replace(ADAM, '')));
    assert.deepEqual(
      named,
      VOICES.filter(({ languages }) => languages.includes('zh')),
    );
    const wrong = { video_theme: ENGLISH, voice_type: DEFAULT_VOICE, language: 'en' };
    assert.deepEqual(Object.keys(faultsOf(wrong)), ['voice_type']);
    assert.deepEqual(Object.keys(faultsOf({ ...wrong, duration: 1 })), ['duration', 'voice_type']);
  });

  it('is refused when no voice speaks the language, asked for or found', () => {
    for (const language of ['fr', 'und']) {
      const { language: fault = '' } = faultsOf({ video_theme: ENGLISH, language });
      assert.match(fault, new RegExp(`^${language} is spoken by no known voice: send language zh or en,`));
    }
    assert.match(faultsOf({ video_theme: JAPANESE })['language'] ?? '', /^auto takes the theme for ja, which no known/);
    assert.deepEqual(Object.keys(faultsOf({ video_theme: ENGLISH, voice_type: ADAM, language: 'fr' })), ['language']);
    assert.deepEqual(Object.keys(faultsOf({ video_theme: 7, language: 'fr' })), ['video_theme', 'language']);
    assert.deepEqual(Object.keys(faultsOf({ video_theme: 7 })), ['video_theme']);
  });

  it('may be anyone where nobody speaks', () => {
    for (const wish of [{ language: 'fr' }, { voice_type: ADAM, language: 'zh' }, { voice_type: ADAM }])
      assert.deepEqual(faultsOf({ video_theme: CHINESE, enable_tts: false, ...wish }), {});
    assert.equal(narratorOf({ video_theme: JAPANESE, enable_tts: false })[1], 'ja');
    assert.equal(narratorOf({ video_theme: CHINESE, voice_type: ADAM, enable_tts: false })[1], 'zh');
  });

  it('speaks its language, for every voice and either theme', () => {
    for (const { id } of VOICES) {
      for (const video_theme of [CHINESE, ENGLISH]) {
        const [voiceType, language] = narratorOf({ video_theme, voice_type: id });
        assert.equal(voiceType, id);
        assert.ok(findVoice(id)?.languages.includes(language));
      }
    }
  });
});
