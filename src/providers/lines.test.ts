import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LineTooLongError, readLines } from './lines.ts';

async function* piecesOf(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += length) yield bytes.subarray(from, from + length);
}

async function linesOf(bytes: Buffer, length: number, maxLineBytes = 1000): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(piecesOf(bytes, length), maxLineBytes)) lines.push(line);
  return lines;
}

describe('readLines', () => {
  const text = Buffer.from('{"word":"东方浩然"}\n\r\n{"word":"é😀"}\r\n{"end":true}');
  for (const length of [1, 2, 3, 5, 7, 1000]) {
    it(`finds the same lines in pieces of ${length} bytes`, async () => {
      assert.deepEqual(await linesOf(text, length), ['{"word":"东方浩然"}', '{"word":"é😀"}', '{"end":true}']);
    });
  }

  it('gives up on a line that does not end', async () => {
    await assert.rejects(linesOf(Buffer.alloc(2000, 'x'), 100), LineTooLongError);
  });
});
