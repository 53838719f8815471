import { createHash } from 'node:crypto';
import { PermanentError } from '../domain/errors.ts';

/** Names one thing in a draft: the same words give the same id. */
export type IdOf = (...words: (string | number)[]) => string;

/**
 * The draft's id, which is also its folder's name: plain letters that every file system takes.
 * @throws PermanentError `invalid_video_id` for an id that could lead out of the drafts' folder.
 */
export function draftIdOf(videoId: string): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(videoId))
    throw new PermanentError('invalid_video_id', 'The id of a video is letters, digits, - and _, at most 64.');
  return `draft-${videoId}`;
}

/** Ids that depend on nothing but the draft and the words, so that a retry writes the same draft; in a UUID's form. */
export function idsOf(draftId: string): IdOf {
  return (...words) => {
    const hex = createHash('sha256')
      .update(JSON.stringify([draftId, ...words]))
      .digest('hex')
      .toUpperCase();
    // Version 8 is the UUID of one's own making (RFC 9562).
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  };
}
