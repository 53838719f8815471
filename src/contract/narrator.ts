import { languageOf } from '../domain/language.ts';
import { DEFAULT_VOICE, VOICES, findVoice, voicesSpeaking } from '../domain/voice.ts';
import type { FieldFault } from './error-body.ts';

/** The fields of a request that settle who narrates; `language` is a BCP 47 tag or `auto`. */
export interface NarrationWish {
  video_theme: string;
  enable_tts: boolean;
  voice_type?: string | null | undefined;
  language: string;
}

export interface Narrator {
  voiceType: string;
  /** BCP 47, never `auto`: of the script, whether it is spoken or only read. */
  language: string;
}

/** A voice and a language that go together, or the field to blame. What was asked for by name is never replaced. */
export function chooseNarrator(wish: NarrationWish): Narrator | FieldFault {
  const isAuto = wish.language === 'auto';
  const language = isAuto ? languageOf(wish.video_theme) : wish.language;
  const speakers = voicesSpeaking(language);
  const voice = wish.voice_type == null ? speakers[0] : findVoice(wish.voice_type);

  if (!wish.enable_tts) return { voiceType: voice?.id ?? DEFAULT_VOICE, language };
  if (voice !== undefined && speakers.includes(voice)) return { voiceType: voice.id, language };
  // Nobody asked for a language: the voice that was asked for decides.
  if (voice !== undefined && isAuto) return { voiceType: voice.id, language: voice.languages[0] };
  if (speakers.length === 0) return { field: 'language', message: unspoken(language, isAuto) };
  const remedy = `send one that does (${speakers.map(({ id }) => id).join(', ')}), or language auto`;
  return { field: 'voice_type', message: `${wish.voice_type} does not speak ${language}: ${remedy}` };
}

export const isFault = (chosen: Narrator | FieldFault): chosen is FieldFault => 'field' in chosen;

function unspoken(language: string, isAuto: boolean): string {
  const spoken = [...new Set(VOICES.flatMap((voice) => voice.languages))].join(' or ');
  const which = isAuto
    ? `auto takes the theme for ${language}, which no known voice speaks`
    : `${language} is spoken by no known voice`;
  return `${which}: send language ${spoken}, or enable_tts false`;
}
