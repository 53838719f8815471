import type { Tool } from '../tool.ts';
import { cancelVideo } from './cancel-video.ts';
import { estimateCost } from './estimate-cost.ts';
import { generateVideo } from './generate-video.ts';
import { getVideo } from './get-video.ts';
import { listVideos } from './list-videos.ts';
import { listVoices } from './list-voices.ts';
import { waitForVideo } from './wait-for-video.ts';

export const TOOLS = [
  generateVideo,
  waitForVideo,
  getVideo,
  listVideos,
  cancelVideo,
  estimateCost,
  listVoices,
] as unknown as readonly Tool[];
