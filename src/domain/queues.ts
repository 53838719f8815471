/** Task queues, by the resource that limits them. */
export const QUEUES = [
  'orchestration',
  'audio_processing',
  'visual_processing',
  'visual_waiting',
  'capcut',
  'render',
  'webhooks',
] as const;
export type Queue = (typeof QUEUES)[number];

export const ORCHESTRATION: Queue = 'orchestration';
export const VISUAL_WAITING: Queue = 'visual_waiting';
export const RENDER: Queue = 'render';
export const CAPCUT: Queue = 'capcut';
export const WEBHOOKS: Queue = 'webhooks';
