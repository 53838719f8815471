import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProviderErrorKind } from '../../domain/errors.ts';
import { classifySpeechError, type SpeechApi } from './speech-errors.ts';

const CATALOGUE: [api: SpeechApi, code: number, message: string, kind: ProviderErrorKind | null][] = [
  ['v1', 3001, 'bad field', 'permanent'],
  ['v1', 3001, '[resource_id=volc.tts.default] requested resource not granted', 'provider_auth'],
  ['v1', 3001, 'load grant: requested grant not found', 'provider_auth'],
  ['v1', 3001, 'get resource id: access denied', 'provider_auth'],
  ['v1', 3001, 'quota exceeded for types: concurrency', 'rate_limit'],
  ['v1', 3001, 'quota exceeded for types: text_words_lifetime', 'quota'],
  ['v1', 3003, '', 'rate_limit'],
  ['v1', 3005, '', 'temporary_failure'],
  ['v1', 3006, '', 'temporary_failure'],
  ['v1', 3010, '', 'permanent'],
  ['v1', 3011, 'illegal input text!', 'permanent'],
  ['v1', 3030, '', 'temporary_failure'],
  ['v1', 3031, '', 'temporary_failure'],
  ['v1', 3031, 'Init Engine Instance failed', 'permanent'],
  ['v1', 3032, '', 'temporary_failure'],
  ['v1', 3040, '', 'temporary_failure'],
  ['v1', 3050, '', 'permanent'],
  ['v1', 9999, '', null],
  ['v3', 3003, '', null],
  ['v3', 40402003, 'TTSExceededTextLimit:exceed max limit', 'permanent'],
  ['v3', 45000000, 'speaker permission denied: get resource id: access denied', 'provider_auth'],
  ['v3', 45000000, 'quota exceeded for types: concurrency', 'rate_limit'],
  ['v3', 45000000, 'bad request', 'permanent'],
  ['v3', 45000010, 'Invalid X-Api-Key', 'provider_auth'],
  ['v3', 45000030, '', 'provider_auth'],
  ['v3', 45000292, '', 'rate_limit'],
  ['v3', 45009999, '', 'permanent'],
  ['v3', 55000000, 'server error', 'temporary_failure'],
  ['v3', 55000000, 'resource ID is mismatched with speaker related resource', 'permanent'],
  ['v3', 55009999, '', 'temporary_failure'],
];

describe('classifySpeechError', () => {
  for (const [api, code, message, kind] of CATALOGUE) {
    it(`${api} ${code} ${message} is ${kind}`, () => {
      assert.equal(classifySpeechError({ api, code, message }), kind);
    });
  }
});
