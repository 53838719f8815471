/**
 * Asks once for all who want to know the same at the same time. Whoever comes while a question is under way shares the
 * next one: an answer never tells of a time before it was wanted.
 */
export class SharedQuestions<Answer> {
  readonly #underWay = new Map<string, Promise<Answer>>();
  readonly #next = new Map<string, Promise<Answer>>();

  /** `ask` fails for all who share it. */
  ask(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const underWay = this.#underWay.get(key);
    if (underWay === undefined) return this.#begin(key, ask);
    const next = this.#next.get(key) ?? this.#after(underWay, { key, ask });
    this.#next.set(key, next);
    return next;
  }

  async #after(underWay: Promise<Answer>, { key, ask }: { key: string; ask: () => Promise<Answer> }): Promise<Answer> {
    await underWay.catch(() => {});
    this.#next.delete(key);
    return await this.#begin(key, ask);
  }

  #begin(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const asked = ask().finally(() => {
      if (this.#underWay.get(key) === asked) this.#underWay.delete(key);
    });
    this.#underWay.set(key, asked);
    return asked;
  }
}
