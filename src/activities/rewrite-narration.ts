import { log } from '@temporalio/activity';
import { z } from 'zod';
import { PermanentError } from '../domain/errors.ts';
import { isWrittenLike, spokenLength } from '../domain/language.ts';
import type { AnswerSchema } from '../domain/prompt-files.ts';
import type { VideoSpec } from '../domain/video-spec.ts';
import { buyText } from './buy-text.ts';
import type { ActivityDeps } from './deps.ts';
import { oneLine, type Read, readAnswer } from './read-answer.ts';
import { type LineToRewrite, rewriteRequest } from './script-request.ts';

export interface RewriteNarrationInput {
  videoId: string;
  tenant: string;
  spec: VideoSpec;
  /** BCP 47 language of the storyboard. */
  language: string;
  /** As planRewrite asks for. */
  lines: LineToRewrite[];
}

export interface RewrittenLine {
  sceneId: string;
  text: string;
}

const RewriteAnswer = z.object({ lines: z.array(z.object({ scene: z.string(), text: z.string() })) });

/** The one rewrite of lines that take too long to speak. */
export function createRewriteActivities(deps: ActivityDeps) {
  /**
   * All of the lines, each shorter than asked; or none, and the film goes on with what it has. Only what a retry may mend
   * is thrown, as ProviderError.
   */
  async function rewriteNarration(input: RewriteNarrationInput): Promise<RewrittenLine[]> {
    const { videoId, tenant, spec, language, lines } = input;
    if (lines.length === 0) return [];
    const prompt = deps.prompts.rewrite;
    const request = rewriteRequest({ model: deps.models.chat, prompt, theme: spec.theme, language }, lines);
    try {
      const order = { purpose: 'script_rewrite', videoId, tenant, maxCost: spec.maxCost, request } as const;
      const read = readLines(await buyText(deps, order), { schema: request.jsonSchema.schema, language, lines });
      if (read.ok) return read.value;
      log.warn('The rewritten lines cannot be used', { problems: read.problems });
    } catch (error) {
      // A spent budget, or an outcome that stays unknown: no reason to fail a film that is only a little fast.
      if (!(error instanceof PermanentError)) throw error;
      log.warn('There are no rewritten lines', { code: error.code });
    }
    return [];
  }

  return { rewriteNarration };
}

function readLines(
  content: string,
  { schema, language, lines }: { schema: AnswerSchema; language: string; lines: readonly LineToRewrite[] },
): Read<RewrittenLine[]> {
  const read = readAnswer(content, { schema, shape: RewriteAnswer });
  if (!read.ok) return read;
  const rewritten = lines.map((line) => ({
    line,
    found: read.value.lines.filter(({ scene }) => scene === line.sceneId),
  }));
  // Which of them is wrong decides nothing: fewer lines would still leave the film too fast, and be paid for.
  const problems = rewritten.flatMap(({ line, found }) => {
    if (found.length !== 1) return [`${line.sceneId} comes ${found.length} times`];
    const problem = problemOf(oneLine(found[0]?.text ?? ''), line, language);
    return problem === null ? [] : [`${line.sceneId} ${problem}`];
  });
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    value: rewritten.map(({ line, found }) => ({ sceneId: line.sceneId, text: oneLine(found[0]?.text ?? '') })),
  };
}

function problemOf(text: string, line: LineToRewrite, language: string): string | null {
  const length = spokenLength(text, language);
  if (length === 0) return 'has nothing to speak';
  if (length > line.maxLength) return `is ${length} long, not ${line.maxLength}`;
  if (length >= spokenLength(line.text, language)) return 'is not shorter';
  return isWrittenLike(text, line.text) ? null : 'is in another language';
}
