/**
 * Encoded pieces of films (segments, and sound, which counts as one), each under a key of all that decides it: whoever needs
 * the same piece again need not encode it. A cache: whatever is lost costs time, never a film, and backups leave it out.
 */
export interface SegmentStore {
  /** Brings a piece to `file`, where nothing is yet. False when there is none that is whole: one that is damaged is removed. */
  take(key: string, file: string): Promise<boolean>;
  /** Leaves the file where it is; it is never written to again. */
  add(key: string, file: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** Removes what was not used since, then what was used longest ago, until all is below the limit. */
  prune(limits: SegmentLimits): Promise<PrunedSegments>;
}

export interface SegmentLimits {
  usedSince: Date;
  maxBytes: number;
  /** Counts only. */
  dryRun?: boolean;
}

export interface PrunedSegments {
  segments: number;
  bytes: number;
}

interface Aged {
  usedAt: Date;
  sizeBytes: number;
}

/** What has to go, oldest first. */
export function beyondLimits<Piece extends Aged>(
  pieces: readonly Piece[],
  { usedSince, maxBytes }: SegmentLimits,
): Piece[] {
  const oldestFirst = [...pieces].sort((one, other) => one.usedAt.getTime() - other.usedAt.getTime());
  let left = pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return oldestFirst.filter(({ usedAt, sizeBytes }) => {
    if (usedAt >= usedSince && left <= maxBytes) return false;
    left -= sizeBytes;
    return true;
  });
}

/** Where nothing is to be kept. */
export const NO_SEGMENTS: SegmentStore = {
  take: () => Promise.resolve(false),
  add: () => Promise.resolve(),
  remove: () => Promise.resolve(),
  prune: () => Promise.resolve({ segments: 0, bytes: 0 }),
};
