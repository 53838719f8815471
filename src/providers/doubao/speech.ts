import { PermanentError } from '../../domain/errors.ts';
import { findVoice, type Voice } from '../../domain/voice.ts';
import type { Speech, SpeechAnswer, SpeechRequest } from './interfaces.ts';
import type { SpeechAccess } from './speech-answer.ts';
import type { SpeechApi } from './speech-errors.ts';
import { synthesizeV1 } from './speech-v1.ts';
import { synthesizeV3 } from './speech-v3.ts';

export interface SpeechOptions extends SpeechAccess {
  /** `auto`: V3 for 1.0 and 2.0 voices, V1 for the small ones. */
  api?: 'auto' | SpeechApi;
}

/** Doubao Speech: each call is one paid HTTP request, sent once and never aborted. */
export function createSpeech({ api = 'auto', ...access }: SpeechOptions): Speech {
  return {
    async synthesize(request: SpeechRequest): Promise<SpeechAnswer> {
      const voice = findVoice(request.voice);
      if (voice === undefined) {
        throw new PermanentError('unknown_voice', `the voice ${JSON.stringify(request.voice)} is not known`);
      }
      const call = { ...request, family: voice.family };
      switch (apiFor(voice, api)) {
        case 'v3':
          return synthesizeV3(call, access);
        case 'v1':
          return synthesizeV1(call, access);
      }
    },
  };
}

function apiFor({ id, family }: Voice, wanted: 'auto' | SpeechApi): SpeechApi {
  if (wanted === 'auto') return family === 'small' ? 'v1' : 'v3';
  const served = wanted === 'v3' ? family !== 'small' : family !== '2.0';
  if (!served) {
    throw new PermanentError('voice_not_served', `SPEECH_API=${wanted} does not serve the voice ${id}: set it to auto`);
  }
  return wanted;
}
