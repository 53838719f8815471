import { readFileSync } from 'node:fs';
import type { VideoParams } from '../client/index.ts';
import type { FieldFault } from '../contract/error-body.ts';
import { fieldFaults } from '../contract/field-faults.ts';
import { unknownVoice, VIDEO_REQUEST_FIELDS, VideoRequest, VOICE_IDS } from '../contract/video-request.ts';

/** What the command line says about the film. */
export interface FilmWishes {
  theme?: string | undefined;
  duration?: string;
  aspectRatio?: string;
  resolution?: string;
  fps?: string;
  format?: string;
  assetType?: string;
  visualStyle?: string;
  voice?: string;
  language?: string;
  captions?: string;
  bgm?: string;
  priority?: string;
  deadline?: string;
  maxCost?: string;
  /** False: no narration. */
  tts?: boolean;
  /** A JSON file with a whole request; what else is given wins over it. */
  request?: string;
}

/** A wish that cannot be fulfilled, each field by name. */
export class WishError extends Error {
  override readonly name = 'WishError';
}

/** The body to send. Checked here by the gateway's own schema, so that a slip is told before anything is started. */
export function filmRequest(wishes: FilmWishes, defaults: Record<string, unknown> = {}): VideoParams {
  const given = {
    video_theme: wishes.theme,
    ...{ duration: number(wishes.duration), aspect_ratio: wishes.aspectRatio, resolution: wishes.resolution },
    ...{ fps: number(wishes.fps), format: wishes.format, ai_asset_type: wishes.assetType },
    ...{ visual_style: wishes.visualStyle, voice_type: wishes.voice, language: wishes.language },
    ...{ captions: wishes.captions, bgm: wishes.bgm, priority: number(wishes.priority), deadline: wishes.deadline },
    max_cost: number(wishes.maxCost),
    // commander says true where nobody has said --no-tts.
    enable_tts: wishes.tts === false ? false : undefined,
  };
  const body = {
    ...defaults,
    ...(wishes.request === undefined ? {} : readRequest(wishes.request)),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  const parsed = VideoRequest.safeParse(body);
  if (parsed.success) return body as VideoParams;
  const faults = fieldFaults(parsed.error, VIDEO_REQUEST_FIELDS, 'request').map((fault) => withVoices(fault, body));
  throw new WishError(
    ['The request is not valid:', ...faults.map(({ field, message }) => `  ${field} ${message}`)].join('\n'),
  );
}

const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/** Here no page is at hand that lists the voices. */
function withVoices(fault: FieldFault, { voice_type: voice }: Record<string, unknown>): FieldFault {
  if (fault.field !== 'voice_type' || VOICE_IDS.includes(String(voice))) return fault;
  return { ...fault, message: unknownVoice(voice, `Known are:\n    ${VOICE_IDS.join('\n    ')}`) };
}

function readRequest(file: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) return { ...content };
  } catch (error) {
    throw new WishError(`--request ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new WishError(`--request ${file}: must hold a JSON object.`);
}
