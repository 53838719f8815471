import { Estimate, estimateInWords, estimateToWire } from '../../../contract/estimate.ts';
import { VideoRequest } from '../../../contract/video-request.ts';
import { estimateVideo } from '../../videos/estimate-video.ts';
import { defineTool } from '../tool.ts';

export const estimateCost = defineTool({
  name: 'estimate_cost',
  title: 'What a video would cost',
  description: 'Takes the arguments of generate_video and tells what it would cost, in CNY. Starts and buys nothing.',
  input: VideoRequest,
  output: Estimate,
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },

  async call({ gateway }, args) {
    const data = estimateToWire(await estimateVideo(gateway, args));
    return { data, text: estimateInWords(data) };
  },
});
