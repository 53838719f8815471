export { generateVideo } from './generate-video.ts';
export { audioBranch } from './audio-branch.ts';
export { visualBranch } from './visual-branch.ts';
export { deliverWebhook } from './deliver-webhook.ts';
