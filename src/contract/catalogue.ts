import { z } from 'zod';
import { VOICES, type Voice } from '../domain/voice.ts';

const LANGUAGE = { error: 'must be a BCP 47 tag such as zh or en' };

export const VoiceListQuery = z.strictObject({
  language: z
    .string(LANGUAGE)
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, LANGUAGE)
    .optional()
    .describe('Only those that speak it, the aptest first (BCP 47).'),
});

export const WireVoice = z
  .strictObject({
    id: z.string().describe('What `voice_type` takes.'),
    name: z.string(),
    languages: z.array(z.string()).min(1).describe('BCP 47; its own first.'),
    gender: z.enum(['male', 'female']),
    family: z.enum(['1.0', '2.0', 'small']).describe('Model family.'),
    default_for: z.array(z.string()).describe('Languages that it speaks when no `voice_type` is given.'),
    sample_url: z
      .url()
      .nullable()
      .describe('A narration that was bought here with this voice; null until there is one.'),
  })
  .meta({ id: 'Voice' });
export type WireVoice = z.infer<typeof WireVoice>;

export const VoiceList = z.strictObject({ voices: z.array(WireVoice) }).meta({ id: 'VoiceList' });

export const WireStyle = z
  .strictObject({
    id: z.string(),
    visual_style: z.string().describe('What `visual_style` takes.'),
    name: z.string(),
    description: z.string(),
    sample_url: z.url().nullable().describe('A picture that was bought here in this style; null until there is one.'),
  })
  .meta({ id: 'Style' });
export type WireStyle = z.infer<typeof WireStyle>;

export const StyleList = z
  .strictObject({
    styles: z.array(WireStyle).describe('Offers: `visual_style` is free text.'),
  })
  .meta({ id: 'StyleList' });

/** Languages for which this voice is the first that would be taken. */
export const defaultFor = (voice: Voice, firstOf: (language: string) => Voice | undefined): string[] =>
  [...new Set(VOICES.flatMap(({ languages }) => languages))].filter((language) => firstOf(language)?.id === voice.id);
