import { readFileSync } from 'node:fs';
import type { FieldFault } from '../contract/error-body.ts';
import { fieldFaults } from '../contract/field-faults.ts';
import { unknownVoice, VIDEO_REQUEST_FIELDS, VideoRequest, VOICE_IDS } from '../contract/video-request.ts';

const DEFAULT_THEME = '一杯手冲咖啡的清晨';
const DEFAULT_DURATION_SECONDS = 15;

/** What the command line says about the film. */
export interface DemoWishes {
  theme?: string;
  duration?: string;
  aspectRatio?: string;
  resolution?: string;
  visualStyle?: string;
  voice?: string;
  /** A JSON file with a whole request; what else is given wins over it. */
  request?: string;
}

/** A wish that cannot be fulfilled, each field by name. */
export class WishError extends Error {
  override readonly name = 'WishError';
}

/** The body to send. Checked here by the gateway's own schema, so that a slip is told before anything is started. */
export function demoRequest(wishes: DemoWishes): Record<string, unknown> {
  const given = {
    video_theme: wishes.theme,
    duration: wishes.duration === undefined ? undefined : Number(wishes.duration),
    aspect_ratio: wishes.aspectRatio,
    resolution: wishes.resolution,
    visual_style: wishes.visualStyle,
    voice_type: wishes.voice,
  };
  const body = {
    video_theme: DEFAULT_THEME,
    duration: DEFAULT_DURATION_SECONDS,
    ...(wishes.request === undefined ? {} : readRequest(wishes.request)),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  const parsed = VideoRequest.safeParse(body);
  if (parsed.success) return body;
  const faults = fieldFaults(parsed.error, VIDEO_REQUEST_FIELDS, 'request').map((fault) => withVoices(fault, body));
  throw new WishError(
    ['The request is not valid:', ...faults.map(({ field, message }) => `  ${field} ${message}`)].join('\n'),
  );
}

/** No gateway runs here that could list the voices. */
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
