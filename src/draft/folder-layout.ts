/** One content under both names: JianYing on Windows reads the first, JianYing on macOS and CapCut the second. */
export const CONTENT_FILES = ['draft_content.json', 'draft_info.json'] as const;
export const META_FILE = 'draft_meta_info.json';
export const COVER_FILE = 'draft_cover.jpg';
export const MEDIA_FOLDER = 'assets';

/**
 * The absolute path under which an app opens a file of the draft. The apps write `/` on Windows, too.
 * `placedAt` is the draft's folder on the machine that opens it.
 */
export const openingPath = (placedAt: string, file: string): string => `${slashed(placedAt)}/${file}`;

/** A path in the apps' spelling: backslashes only part names on Windows, where a drive or a share begins the path. */
export function slashed(folder: string): string {
  const onWindows = /^(?:[A-Za-z]:|\\\\)/.test(folder);
  return (onWindows ? folder.replaceAll('\\', '/') : folder).replace(/\/+$/, '');
}
