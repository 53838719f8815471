import { runNode } from './project.mjs';

export async function lint() {
  const rules = await runNode('eslint/bin/eslint.js', ['.']);
  const format = await runNode('prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']);
  return rules || format;
}

export async function fix() {
  const rules = await runNode('eslint/bin/eslint.js', ['--fix', '.']);
  const format = await runNode('prettier/bin/prettier.cjs', ['--write', '--log-level', 'warn', '.']);
  return rules || format;
}
