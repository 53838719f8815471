import { readFile, writeFile } from 'node:fs/promises';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

/** `npx tsx scripts/make-kernels.ts`: src/render/motion/kernels.wat as the module that the product loads. */
const folder = new URL('../src/render/motion/', import.meta.url);
const LINE = 110;

export async function assembleKernels(text: string): Promise<Uint8Array> {
  const parsed = (await wabt()).parseWat('kernels.wat', text, { simd: true });
  return parsed.toBinary({}).buffer;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const bytes = await assembleKernels(await readFile(new URL('kernels.wat', folder), 'utf8'));
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  const literal = `[\n${lines.map((line) => `    '${line}',\n`).join('')}  ].join('')`;
  const code = `/** kernels.wat, assembled by scripts/make-kernels.ts. */\nexport const KERNELS = Buffer.from(\n  ${literal},\n  'base64',\n);\n`;
  await writeFile(new URL('kernels.ts', folder), code);
}
