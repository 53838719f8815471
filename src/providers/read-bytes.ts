/** A whole body of at most `maxBytes`; the rest of a longer one is not read. @throws `tooLong()`, and what ends the body early */
export async function readBytes(body: AsyncIterable<Buffer>, maxBytes: number, tooLong: () => Error): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
