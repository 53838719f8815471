/** What media that come from outside, and our own work files, may be: none of these names further files. */
const FORMATS = 'mov,matroska,wav,ogg,mp3,aac,nut,jpeg_pipe,png_pipe,webp_pipe,image2';

/** The input that we draw ourselves, frame by frame. */
export const DRAWN_FRAMES = 'pipe:0';

/**
 * ffmpeg tells a file's format from its bytes: a playlist under the name of a film would have it read other files, or
 * fetch addresses. So each input opens files only, and is one of few formats; lists that are meant say so by `-f`.
 */
export function guardedInputs(args: readonly string[]): string[] {
  let declared: string | null = null;
  return args.flatMap((arg, at) => {
    if (args[at - 1] === '-f') declared = arg;
    if (arg !== '-i') return [arg];
    const formats = declared === null ? FORMATS : `${declared},${FORMATS}`;
    declared = null;
    return ['-protocol_whitelist', args[at + 1] === DRAWN_FRAMES ? 'pipe' : 'file', '-format_whitelist', formats, arg];
  });
}
