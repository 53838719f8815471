import { MEDIA_FOLDER, slashed } from './folder-layout.ts';

/** The name inside the draft of a file that a draft at `placedAt` names by an absolute path; null when it is not in it. */
export function fileInDraft(path: string, placedAt: string): string | null {
  const [file, folder] = [slashed(path), `${slashed(placedAt)}/`];
  if (!file.startsWith(folder)) return null;
  const rest = file.slice(folder.length);
  return isPlain(rest) ? rest : null;
}

/**
 * The name inside the draft, when nobody knows any more where the draft was: what follows the last folder of media.
 * Null for a file that never was in it.
 */
export function fileInMovedDraft(path: string, wasAt: string): string | null {
  const known = wasAt === '' ? null : fileInDraft(path, wasAt);
  if (known !== null) return known;
  const match = new RegExp(`/${MEDIA_FOLDER}/((?:image|audio|video)/[^/]+)$`).exec(slashed(path));
  return match !== null && isPlain(match[1]!) ? `${MEDIA_FOLDER}/${match[1]}` : null;
}

/** Names only: nothing that climbs, nothing empty. */
const isPlain = (file: string): boolean =>
  file.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
