import type { DraftTerms, StoryboardDraft } from './storyboard-draft.ts';
import { MAX_ANSWER_TOKENS, MAX_PROMPT_TOKENS, MAX_SHOWN_AGAIN } from '../domain/chat-limits.ts';
import { type AnswerSchema, type Prompt, withCount, withShots } from '../domain/prompt-files.ts';
import type { VideoSpec } from '../domain/video-spec.ts';
import type { ChatRequest } from '../providers/doubao/interfaces.ts';
import { oneLine } from './read-answer.ts';

export interface Asking {
  model: string;
  prompt: Prompt;
  spec: VideoSpec;
  terms: DraftTerms;
}

/** The storyboard of one film. */
export function storyboardRequest({ model, prompt, spec, terms }: Asking): ChatRequest {
  const { scenes } = terms.plan;
  return ask({
    ...{ model, name: 'storyboard', instructions: prompt.instructions },
    schema: withCount(spec.assetType === 'text_to_video' ? withShots(prompt.schema) : prompt.schema, 'scenes', {
      ...{ least: scenes, most: scenes },
    }),
    said: briefOf(spec, terms),
  });
}

/** The same once more, with what was wrong. */
export function repairRequest(request: ChatRequest, answer: string, problems: string[]): ChatRequest {
  return {
    ...request,
    messages: [
      ...request.messages,
      { role: 'assistant', content: answer.slice(0, MAX_SHOWN_AGAIN) },
      {
        role: 'user',
        content: `That document cannot be used:\n- ${problems.join('\n- ')}\nAnswer with a corrected document of the same schema.`,
      },
    ],
  };
}

/** What a second pair of eyes is shown: the words of each scene beside its picture. */
export function critiqueRequest({ model, prompt, spec, terms }: Asking, draft: StoryboardDraft): ChatRequest {
  const scenes = draft.scenes.map(({ narration, picture }, index) =>
    JSON.stringify({ scene: index + 1, narration, image_prompt: picture }),
  );
  return ask({
    ...{ model, name: 'critique', instructions: prompt.instructions },
    schema: withCount(prompt.schema, 'corrections', { least: 0, most: scenes.length }),
    said: [briefOf(spec, terms), `subject: ${draft.subject}`, `look: ${draft.look}`, 'STORYBOARD', ...scenes].join(
      '\n',
    ),
  });
}

export interface LineToRewrite {
  sceneId: string;
  text: string;
  /** In characters or words, as `spokenLength` counts. */
  maxLength: number;
}

/** The lines that take too long, to be said shorter. */
export function rewriteRequest(
  { model, prompt, theme, language }: { model: string; prompt: Prompt; theme: string; language: string },
  lines: readonly LineToRewrite[],
): ChatRequest {
  const listed = lines.map(({ sceneId, text, maxLength }) =>
    JSON.stringify({ scene: sceneId, max_length: maxLength, text: oneLine(text) }),
  );
  return ask({
    ...{ model, name: 'rewrite', instructions: prompt.instructions },
    schema: withCount(prompt.schema, 'lines', { least: lines.length, most: lines.length }),
    said: ['REQUEST', `theme: ${oneLine(theme)}`, `language: ${language}`, 'LINES', ...listed].join('\n'),
  });
}

/** A picture's prompt that was refused, to be said otherwise. */
export function promptRewriteRequest(
  { model, prompt, theme }: { model: string; prompt: Prompt; theme: string },
  picture: { sceneId: string; prompt: string },
): ChatRequest {
  const refused = JSON.stringify({ scene: picture.sceneId, refused_prompt: oneLine(picture.prompt) });
  return {
    ...ask({
      ...{ model, name: 'picture_prompt', instructions: prompt.instructions, schema: prompt.schema },
      said: ['REQUEST', `theme: ${oneLine(theme)}`, 'PICTURE', refused].join('\n'),
    }),
    maxTokens: MAX_PROMPT_TOKENS,
  };
}

/** One line each, so that no line of a theme can pass for another field. */
function briefOf(spec: VideoSpec, { language, plan }: DraftTerms): string {
  return [
    'REQUEST',
    `theme: ${oneLine(spec.theme)}`,
    `duration_seconds: ${spec.durationSeconds}`,
    `scenes: ${plan.scenes}`,
    `language: ${language}`,
    `narration_length: ${plan.narrationLength}`,
    `aspect_ratio: ${spec.aspectRatio}`,
    ...(spec.assetType === 'text_to_video' ? ['pictures: moving'] : []),
    `style: ${oneLine(spec.visualStyle ?? 'natural, realistic')}`,
  ].join('\n');
}

function ask(question: {
  model: string;
  name: string;
  instructions: string;
  said: string;
  schema: AnswerSchema;
}): ChatRequest {
  return {
    model: question.model,
    messages: [
      { role: 'system', content: question.instructions },
      { role: 'user', content: question.said },
    ],
    jsonSchema: { name: question.name, schema: question.schema },
    maxTokens: MAX_ANSWER_TOKENS,
  };
}
