const NEWLINE = 0x0a;

/**
 * The lines of a byte stream, decoded whole: pieces may end anywhere, inside a character too. Empty lines are left out;
 * the last line needs no newline. A line over `maxLineBytes` is an error, since its end may never come.
 */
export async function* readLines(pieces: AsyncIterable<Buffer>, maxLineBytes: number): AsyncGenerator<string> {
  let open: Buffer[] = [];
  let openBytes = 0;
  for await (const piece of pieces) {
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      open.push(piece.subarray(from, end));
      const line = Buffer.concat(open).toString('utf8').trim();
      open = [];
      openBytes = 0;
      from = end + 1;
      if (line !== '') yield line;
    }
    open.push(piece.subarray(from));
    openBytes += piece.length - from;
    if (openBytes > maxLineBytes) throw new LineTooLongError(maxLineBytes);
  }
  const last = Buffer.concat(open).toString('utf8').trim();
  if (last !== '') yield last;
}

export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
  readonly code = 'LineTooLong';

  constructor(maxLineBytes: number) {
    super(`a line is longer than ${maxLineBytes} bytes`);
  }
}
