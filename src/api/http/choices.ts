import type { RequestHandler } from 'express';
import { defaultFor, VoiceListQuery, type WireStyle, type WireVoice } from '../../contract/catalogue.ts';
import { LOCAL_TENANT } from '../../domain/ids.ts';
import { STYLES } from '../../domain/style.ts';
import { VOICES, voicesSpeaking } from '../../domain/voice.ts';
import { newestOfVoices } from '../../ledger/voice-samples.ts';
import { newestOfStyles } from '../../store/style-samples.ts';
import { fieldError } from '../api-error.ts';
import { sampleUrls } from '../system/samples.ts';
import { answer } from './answer.ts';
import type { Gateway } from './gateway.ts';
import { parseQuery } from './parse-query.ts';
import { assetUrls } from './urls.ts';

/** GET /api/v1/voices */
export function getVoices(gateway: Gateway): RequestHandler {
  return async (req, res) => {
    const { language } = parseQuery(req as never, VoiceListQuery);
    const found = language === undefined ? VOICES : speaking(language);
    const deps = { ...gateway, urlOf: assetUrls(req, gateway) };
    const samples = await sampleUrls(deps, (database) => newestOfVoices(database, LOCAL_TENANT));
    const voices: WireVoice[] = found.map((voice) => ({
      ...{
        id: voice.id,
        name: voice.name,
        languages: [...voice.languages],
        gender: voice.gender,
        family: voice.family,
      },
      default_for: defaultFor(voice, (tongue) => voicesSpeaking(tongue)[0]),
      sample_url: samples.get(voice.id) ?? null,
    }));
    answer(res, { data: { voices }, message: voices.length === 1 ? '1 voice.' : `${voices.length} voices.` });
  };
}

function speaking(language: string) {
  try {
    return voicesSpeaking(language);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw fieldError('INVALID_REQUEST', 'language', 'must be a BCP 47 tag such as zh or en');
  }
}

/** GET /api/v1/styles */
export function getStyles(gateway: Gateway): RequestHandler {
  return async (req, res) => {
    const looks = STYLES.map(({ visualStyle }) => visualStyle);
    const deps = { ...gateway, urlOf: assetUrls(req, gateway) };
    const samples = await sampleUrls(deps, (database) => newestOfStyles(database, LOCAL_TENANT, looks));
    const styles: WireStyle[] = STYLES.map(({ id, visualStyle, name, description }) => ({
      ...{ id, visual_style: visualStyle, name, description },
      sample_url: samples.get(visualStyle) ?? null,
    }));
    answer(res, { data: { styles }, message: `${styles.length} styles.` });
  };
}
