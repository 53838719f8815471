import type { Video, VideoSummary } from '../client/index.ts';

type Status = Video['status'];

/** A shape beside the colour, for whoever cannot tell colours apart. */
const MARKS: Record<Status, string> = {
  queued: '…',
  running: '▶',
  cancelling: '◼',
  success: '✓',
  partial: '◐',
  failed: '✗',
  cancelled: '◼',
  terminated: '◼',
};

export const statusMark = (status: Status): string => MARKS[status];

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;

export function lasted(ms: number): string {
  if (ms < 60_000) return seconds(ms);
  const minutes = Math.floor(ms / 60_000);
  return `${minutes} min ${Math.round((ms - minutes * 60_000) / 1000)} s`;
}

export const clock = (at: string): string =>
  new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export const money = ({ currency, total }: { currency: string; total: number }): string =>
  `${currency} ${total.toFixed(4)}`;

export const assetTypeInWords = (type: VideoSummary['asset_type']): string =>
  type === 'text_to_image' ? 'stills' : 'clips';

/** `no_worker` as people read it. */
export const codeInWords = (code: string): string => code.replaceAll('_', ' ');
