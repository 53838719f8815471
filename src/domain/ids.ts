/** The only tenant until tenants exist; it is in ids, rows and keys from the first. */
export const LOCAL_TENANT = 'local';

/** `v` and 26 characters of Crockford's base 32: a ULID, or a keyed hash in the same form. */
export const VIDEO_ID_PATTERN = /^v[0-9A-HJKMNP-TV-Z]{26}$/;

export const workflowIdOf = (videoId: string): string => `video-${videoId}`;

export const videoIdOf = (workflowId: string): string | null => {
  const id = workflowId.startsWith('video-') ? workflowId.slice('video-'.length) : '';
  return VIDEO_ID_PATTERN.test(id) ? id : null;
};

/** Children carry the run's attempt, so that a restored run never collides with what it left behind. */
export const branchWorkflowId = (videoId: string, branch: 'audio' | 'visual', runAttempt: number): string =>
  `${workflowIdOf(videoId)}/${branch}/${runAttempt}`;
