import { seeded } from '../seeded.ts';
import { readBrief } from './brief.ts';
import { findSubject } from './subject.ts';

/** A short answer to a chat that asks for no particular form. */
export function plainReply(seed: number, said: string): string {
  const brief = readBrief(said);
  const { core } = findSubject(brief.theme || 'the sandbox');
  const dice = seeded(seed, 'reply', said);
  return brief.language === 'zh'
    ? dice.pick([`关于${core}，可以先从最重要的一点说起。`, `好的，我们来谈谈${core}。`, `${core}值得一步一步来看。`])
    : dice.pick([
        `Let us talk about ${core}.`,
        `About ${core}: begin with what matters most.`,
        `Here is a first thought on ${core}.`,
      ]);
}
