import { Context } from '@temporalio/activity';
import { z } from 'zod';
import { PermanentError } from '../domain/errors.ts';
import { languageOf, spokenLength } from '../domain/language.ts';
import type { PurchasePurpose } from '../domain/ledger-line.ts';
import { planScript, type ScriptPlan } from '../domain/script-plan.ts';
import { Storyboard } from '../domain/storyboard.ts';
import type { VideoSpec } from '../domain/video-spec.ts';
import { chatPrice } from '../ledger/prices.ts';
import type { ChatRequest } from '../providers/doubao/interfaces.ts';
import type { ActivityDeps } from './deps.ts';

export interface WriteStoryboardInput {
  videoId: string;
  tenant: string;
  spec: VideoSpec;
}

const text = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .refine((value) => value.trim() !== '', 'it is blank');

/** What the model is asked for; ids are ours. */
const StoryboardAnswer = z.strictObject({
  title: text(80),
  language: z.string().min(2).max(35),
  scenes: z.array(z.strictObject({ narration: text(400), image_prompt: text(800) })),
});

/** As a payload, beside the rest of a child's input, a storyboard must stay well under the payload limit. */
const MAX_STORYBOARD_BYTES = 40 * 1024;

/** Room for the longest script; more would be a runaway answer. */
const MAX_ANSWER_TOKENS = 8_000;

/** A script by chat with a strict schema: validated, repaired once, then refused for good (`storyboard_invalid`). */
export function createScriptActivities(deps: ActivityDeps) {
  async function writeStoryboard(input: WriteStoryboardInput): Promise<Storyboard> {
    const language = input.spec.language === 'auto' ? languageOf(input.spec.theme) : input.spec.language;
    const plan = planScript(input.spec.durationSeconds, language);
    const request = scriptRequest(input.spec, language, plan);

    const first = await buyText('script', input, request);
    const checked = readStoryboard(first, language, plan);
    if (checked.ok) return checked.storyboard;

    const second = await buyText('script_repair', input, repairRequest(request, first, checked.problems));
    const repaired = readStoryboard(second, language, plan);
    if (repaired.ok) return repaired.storyboard;
    throw new PermanentError('storyboard_invalid', `the script was invalid twice: ${repaired.problems.join('; ')}`);
  }

  async function buyText(purpose: PurchasePurpose, input: WriteStoryboardInput, request: ChatRequest): Promise<string> {
    const { answer } = await deps.desk.buy({
      key: { tenant: input.tenant, videoId: input.videoId, sceneId: null, purpose },
      provider: 'ark',
      model: request.model,
      estimate: chatPrice(deps.prices, request.model, estimatedUsage(request)),
      maxCost: input.spec.maxCost,
      signal: Context.current().cancellationSignal,
      call: async () => {
        const result = await deps.ark.chat(request);
        return {
          answer: result.content,
          cost: {
            ...chatPrice(deps.prices, request.model, result.usage ?? estimatedUsage(request)),
            basis: result.usage === null ? ('estimated' as const) : ('reported' as const),
            model: result.model,
          },
        };
      },
    });
    return answer;
  }

  function scriptRequest(spec: VideoSpec, language: string, plan: ScriptPlan): ChatRequest {
    const schema = z.toJSONSchema(
      StoryboardAnswer.extend({ scenes: StoryboardAnswer.shape.scenes.min(plan.scenes).max(plan.scenes) }),
    );
    delete schema.$schema;
    return {
      model: deps.models.chat,
      messages: [
        { role: 'system', content: deps.storyboardPrompt },
        {
          role: 'user',
          content: [
            'REQUEST',
            // One line each, so that no line of a theme can pass for another field.
            `theme: ${oneLine(spec.theme)}`,
            `duration_seconds: ${spec.durationSeconds}`,
            `scenes: ${plan.scenes}`,
            `language: ${language}`,
            `narration_length: ${plan.narrationLength}`,
            `aspect_ratio: ${spec.aspectRatio}`,
            `style: ${oneLine(spec.visualStyle ?? 'natural, realistic')}`,
          ].join('\n'),
        },
      ],
      jsonSchema: { name: 'storyboard', schema },
      maxTokens: MAX_ANSWER_TOKENS,
    };
  }

  return { writeStoryboard };
}

const oneLine = (text: string): string => text.replace(/\s+/gu, ' ').trim();

function repairRequest(request: ChatRequest, answer: string, problems: string[]): ChatRequest {
  return {
    ...request,
    messages: [
      ...request.messages,
      { role: 'assistant', content: answer.slice(0, MAX_STORYBOARD_BYTES) },
      {
        role: 'user',
        content: `That document cannot be used:\n- ${problems.join('\n- ')}\nAnswer with a corrected document of the same schema.`,
      },
    ],
  };
}

type Checked = { ok: true; storyboard: Storyboard } | { ok: false; problems: string[] };

function readStoryboard(content: string, language: string, plan: ScriptPlan): Checked {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    return { ok: false, problems: ['it is not one JSON document'] };
  }
  const parsed = StoryboardAnswer.safeParse(json);
  if (!parsed.success) {
    return {
      ok: false,
      problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).slice(0, 10),
    };
  }
  const scenes = parsed.data.scenes.map((scene, index) => ({
    id: `s${index + 1}`,
    narration: oneLine(scene.narration),
    imagePrompt: oneLine(scene.image_prompt),
  }));
  const problems = problemsOf(scenes, language, plan);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, storyboard: Storyboard.parse({ title: oneLine(parsed.data.title), language, scenes }) };
}

function problemsOf(
  scenes: { narration: string; imagePrompt: string }[],
  language: string,
  plan: ScriptPlan,
): string[] {
  const problems: string[] = [];
  if (scenes.length !== plan.scenes) problems.push(`it has ${scenes.length} scenes, not ${plan.scenes}`);
  const silent = scenes.findIndex((scene) => spokenLength(scene.narration, language) === 0);
  if (silent >= 0) problems.push(`scenes.${silent}.narration has nothing to speak`);
  const total = scenes.reduce((length, scene) => length + spokenLength(scene.narration, language), 0);
  if (total > plan.maxTotalLength) {
    problems.push(`its narration is ${total} long in all; at most ${plan.maxTotalLength} can be spoken in time`);
  }
  if (Buffer.byteLength(JSON.stringify(scenes)) > MAX_STORYBOARD_BYTES) problems.push('it is too long as a whole');
  return problems;
}

/** Before the call: about one token a character in, and the whole allowance out is never used; half is generous. */
function estimatedUsage(request: ChatRequest): { inputTokens: number; outputTokens: number } {
  const characters = request.messages.reduce((sum, message) => sum + message.content.length, 0);
  return { inputTokens: characters, outputTokens: request.maxTokens / 2 };
}
