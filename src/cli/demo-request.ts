import type { VideoParams } from '../client/index.ts';
import { filmRequest, type FilmWishes } from './film-request.ts';

const DEFAULTS = { video_theme: '一杯手冲咖啡的清晨', duration: 15 };

/** The body the demo sends: it has a theme of its own. */
export const demoRequest = (wishes: FilmWishes): VideoParams => filmRequest(wishes, DEFAULTS);
