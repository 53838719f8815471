interface Saying {
  /** Said instead where even one clause would be far too long; the first of those that fit as well. */
  short: readonly string[];
  /** Characters (zh) or words (en). */
  target: number;
  language: 'zh' | 'en';
  /** What the line should name, if its length lets it. */
  subject: readonly string[];
  /** Shared by a film's scenes: what is used is taken out. */
  extenders: Set<string>;
  isQuestion: boolean;
}

/** Joins as many clauses, then extenders, as bring the line nearest to the asked length. */
export function sayAbout(clauses: readonly string[], saying: Saying): string {
  const { target, language, extenders } = saying;
  const chosen = startingClauses(clauses, saying);
  for (;;) {
    const gap = target - lengthOf(chosen, language);
    const best = nearest(extenders, gap, language);
    // An extender must bring the line nearer than it is.
    if (best === undefined || Math.abs(gap - countUnits(best, language)) >= Math.abs(gap)) break;
    extenders.delete(best);
    chosen.push(best);
  }
  const [comma, stop, mark] = language === 'zh' ? ['，', '。', '？'] : [', ', '.', '?'];
  const isQuestion = saying.isQuestion && chosen[0] === clauses[0] && chosen.length <= clauses.length;
  const sentence = capitalized(chosen.join(comma));
  return sentence.endsWith('?') || sentence.endsWith('？') ? sentence : `${sentence}${isQuestion ? mark : stop}`;
}

function startingClauses(clauses: readonly string[], { target, language, subject, short }: Saying): string[] {
  const sets = clauses.flatMap((_, start) =>
    clauses.slice(start).map((__, more) => clauses.slice(start, start + more + 1)),
  );
  // Beginnings read best, and a line should name its subject: the rest is taken only where that is far too long.
  const names = (set: readonly string[]) => set.some((clause) => subject.some((word) => clause.includes(word)));
  const distance = (set: readonly string[]) => {
    const over = lengthOf(set, language) - target;
    // Too long costs more than too short: what cannot be spoken in time is lost.
    const wrong = over > 0 ? over * 1.5 : -over;
    return wrong + target * ((set[0] === clauses[0] ? 0 : 0.2) + (names(set) ? 0 : 0.5));
  };
  return [...([...sets, ...short.map((line) => [line])].sort((a, b) => distance(a) - distance(b))[0] ?? clauses)];
}

function nearest(extenders: Set<string>, gap: number, language: 'zh' | 'en'): string | undefined {
  return [...extenders].reduce<string | undefined>((best, extender) => {
    const distance = (text: string) => Math.abs(gap - countUnits(text, language));
    return best === undefined || distance(extender) < distance(best) ? extender : best;
  }, undefined);
}

function lengthOf(clauses: readonly string[], language: 'zh' | 'en'): number {
  return clauses.reduce((sum, clause) => sum + countUnits(clause, language), 0);
}

/** Characters that are spoken, or words. */
export function countUnits(text: string, language: 'zh' | 'en'): number {
  const pattern = language === 'zh' ? /[\p{L}\p{N}]/gu : /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu;
  return text.match(pattern)?.length ?? 0;
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
