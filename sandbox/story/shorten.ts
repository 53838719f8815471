import { countUnits } from './narration.ts';

const CLAUSE_END = /(?<=[，、；：。！？,;:.!?—])\s*/u;
const MARKS = /[\s，、；：。！？,;:.!?—]+$/u;
/** A line that was cut must not end on one of these. */
const DANGLING =
  /(?:的|了|和|与|在|把|被|就|都|也|是|让|\s(?:the|a|an|of|and|or|to|in|on|at|for|with|is|are|that|which|from|by|your|its))$/iu;

/** The line in at most so many characters or words: whole clauses where some fit, else its beginning, ended properly. */
export function shorten(line: string, most: number, language: 'zh' | 'en'): string {
  const clauses = line
    .split(CLAUSE_END)
    .map((clause) => clause.trim())
    .filter((clause) => countUnits(clause, language) > 0);
  const kept = fittingRun(clauses, most, language) ?? beginning(line, most, language);
  const end = /[。！？.!?]$/u.exec(line.trim())?.[0] ?? (language === 'zh' ? '。' : '.');
  const body = kept.replace(MARKS, '');
  return `${body.charAt(0).toUpperCase()}${body.slice(1)}${end}`;
}

/** The longest run of neighbouring clauses that fits; of two as long, the earlier. */
function fittingRun(clauses: readonly string[], most: number, language: 'zh' | 'en'): string | undefined {
  const runs = clauses.flatMap((_, start) =>
    clauses.slice(start).map((__, more) => clauses.slice(start, start + more + 1).join(language === 'zh' ? '' : ' ')),
  );
  const lengthOf = (run: string) => countUnits(run, language);
  return runs
    .filter((run) => lengthOf(run) <= most && lengthOf(run) >= most * 0.4)
    .sort((a, b) => lengthOf(b) - lengthOf(a))[0];
}

function beginning(line: string, most: number, language: 'zh' | 'en'): string {
  const segments = [...new Intl.Segmenter(language, { granularity: 'word' }).segment(line)];
  let kept = '';
  for (const { segment } of segments) {
    if (countUnits(kept + segment, language) > most) break;
    kept += segment;
  }
  let ended = kept.replace(MARKS, '');
  while (DANGLING.test(ended)) ended = ended.replace(DANGLING, '').replace(MARKS, '');
  return countUnits(ended, language) > 0 ? ended : [...line.replace(/[^\p{L}\p{N}]/gu, '')].slice(0, most).join('');
}
