import type { RequestHandler } from 'express';
import { estimateInWords, estimateToWire } from '../../contract/estimate.ts';
import { estimateVideo } from '../videos/estimate-video.ts';
import { answer } from './answer.ts';
import type { Gateway } from './gateway.ts';
import { readJson } from './read-body.ts';

/** POST /api/v1/estimate */
export function postEstimate(gateway: Gateway): RequestHandler {
  return async (req, res) => {
    const data = estimateToWire(await estimateVideo(gateway, await readJson(req)));
    answer(res, { data, message: estimateInWords(data) });
  };
}
