import { z } from 'zod';
import { VoiceListQuery, WireVoice } from '../../../contract/catalogue.ts';
import { VOICES, voicesSpeaking } from '../../../domain/voice.ts';
import { checkedArguments, defineTool } from '../tool.ts';

const Voice = WireVoice.pick({ id: true, name: true, languages: true, gender: true });

export const listVoices = defineTool({
  name: 'list_voices',
  title: 'List voices',
  description: 'The voices that can narrate a video, for voice_type of generate_video.',
  input: VoiceListQuery,
  output: z.strictObject({ voices: z.array(Voice) }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },

  call(_deps, args) {
    const { language } = checkedArguments(VoiceListQuery, args);
    const found = language === undefined ? VOICES : voicesSpeaking(language);
    const voices = found.map(({ id, name, languages, gender }) => ({ id, name, languages: [...languages], gender }));
    const lines = voices.map(({ id, name, languages }) => `${id}: ${name} (${languages.join(', ')})`);
    return Promise.resolve({ data: { voices }, text: lines.length === 0 ? 'No voice speaks it.' : lines.join('\n') });
  },
});
