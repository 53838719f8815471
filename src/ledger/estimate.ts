import type { Prices } from '../domain/config-files.ts';
import { MAX_ANSWER_TOKENS, MAX_PROMPT_TOKENS, MAX_SHOWN_AGAIN } from '../domain/chat-limits.ts';
import type { BudgetForecast, Estimate, EstimateLine } from '../domain/estimate.ts';
import { clipShapeFor, clipTokens, findClipModel } from '../domain/clip-models.ts';
import { clipSeconds } from '../domain/clip-plan.ts';
import { canvasFor } from '../domain/canvas.ts';
import { countsCharacters } from '../domain/language.ts';
import type { PurchasePurpose } from '../domain/ledger-line.ts';
import { ownMaterialOf } from '../domain/material-of-scene.ts';
import type { PromptName } from '../domain/prompt-files.ts';
import { planScript } from '../domain/script-plan.ts';
import { STORYBOARD_LIMITS } from '../domain/storyboard.ts';
import type { VideoSpec } from '../domain/video-spec.ts';
import { allot, type Wish } from './allot.ts';
import { sumOf } from './cost-of.ts';
import {
  chatPrice,
  clipPrice,
  embeddingPrice,
  imagePrice,
  MOST_EMBEDDED_TOKENS,
  speechPrice,
  stillWithEmbedding,
  type Price,
} from './prices.ts';

/** What, beside the wish itself, decides what a film costs. */
export interface EstimateTerms {
  prices: Prices;
  models: { chat: string; image: string; video: string; videoFamily: string | null; embedding: string | null };
  critic: boolean;
  rewriteRejectedPrompts: boolean;
  minRealPictures: number;
  /** Characters of what the chat model is told each time: instructions and schema. */
  promptLength: Record<PromptName, number>;
}

/** Latin letters make about a quarter of a token, Chinese characters two thirds; at most one token a character. */
const TOKENS = { instructions: 0.25, theme: 0.7 };
/** What a script says of a scene, and beside its scenes, in tokens. */
const SCRIPT_TOKENS = { scene: 100, besides: 150 };
const CRITIQUE_TOKENS = 60;
/** The lines of a request beside the theme. */
const BRIEF_CHARACTERS = 300;
/** A unit of speech with its marks and blanks, in the characters that are billed. */
const BILLED = {
  characters: { usual: 1.15, most: 1.5 },
  words: { usual: 5.8, most: 9 },
};

/** What a film will cost, before anything is bought. Pure: the same wish under the same prices costs the same. */
export function estimateCost(spec: VideoSpec, terms: EstimateTerms): Estimate {
  const plan = planScript(spec.durationSeconds, spec.language);
  const scenes = Array.from({ length: plan.scenes }, (_, index) => {
    const id = `s${index + 1}`;
    return { id, ...ownMaterialOf(spec.ownMaterial, id) };
  });
  const bought = scenes.filter(({ picture, clip = null }) => picture === null && clip === null);
  // Which scenes of a film of clips stand still is for its script to say: stills cost less.
  const [stills, clips] = spec.assetType === 'text_to_video' ? [[], bought] : [bought, []];
  const spoken = scenes.filter(({ narration }) => spec.enableTts && narration === null);
  const lines = [
    ...chatLines(spec, terms, { scenes: scenes.length, pictures: bought.length, ours: oursOf(spoken).length }),
    ...narrationLines(spec, terms, spoken),
    ...(clips.length === 0 ? [] : [clipLine(spec, terms, { clips: clips.length, scenes: scenes.length })]),
    ...(bought.length === 0 ? [] : [stillLine(terms, { expected: stills.length, atMost: bought.length })]),
    ...embeddingLines(terms, { expected: stills.length, atMost: bought.length }),
  ];
  const atMost = sumOf(lines.map((line) => line.atMost));
  return {
    ...{ currency: 'CNY', scenes: scenes.length, expected: sumOf(lines.map((line) => line.expected)), atMost },
    ...{ atMostWithLostAnswers: sumOf([{ price: atMost }, { price: atMost }]), lines },
    maxCost:
      spec.maxCost === null
        ? null
        : forecast(spec.maxCost, {
            ...{ terms, lines, atMost, pictures: scenes.length - bought.length },
            wishes: [
              ...bought.map(({ id }) => ({
                ...wish(id, 'still', { price: stillWithEmbedding(terms.prices, terms.models) }),
                ...(clips.length === 0
                  ? {}
                  : { clipPrice: priceOfClips(spec, terms, usualClip(spec, scenes.length)).price }),
              })),
              ...spoken.map(({ id, text }) => {
                const { characters } = billed(spec, text === null ? [] : [text], text === null ? 1 : 0).usual;
                return wish(id, 'narration', speechPrice(terms.prices, 'default', characters));
              }),
            ],
          }),
  };
}

type SpokenScene = { id: string; text: string | null };
const oursOf = (spoken: readonly SpokenScene[]): SpokenScene[] => spoken.filter(({ text }) => text === null);
const wish = (sceneId: string, purpose: Wish['purpose'], { price }: Pick<Price, 'price'>): Wish => ({
  sceneId,
  purpose,
  price,
});

function chatLines(
  spec: VideoSpec,
  { prices, models, promptLength, critic, rewriteRejectedPrompts }: EstimateTerms,
  { scenes, pictures, ours }: { scenes: number; pictures: number; ours: number },
): EstimateLine[] {
  const told = (name: PromptName, more = 0) => ({
    usual:
      promptLength[name] * TOKENS.instructions +
      (spec.theme.length + BRIEF_CHARACTERS) * TOKENS.theme +
      more * TOKENS.theme * 0.5,
    most: promptLength[name] + spec.theme.length + BRIEF_CHARACTERS + (spec.visualStyle?.length ?? 0) + more,
  });
  const chat = (calls: number, inputTokens: number, outputTokens: number) => {
    const usage = { inputTokens: Math.round(calls * inputTokens), outputTokens: Math.round(calls * outputTokens) };
    return { calls, ...chatPrice(prices, models.chat, usage) };
  };
  const line = (
    purpose: PurchasePurpose,
    basis: string,
    {
      told: { usual, most },
      expected,
      atMost,
      answer,
      most: mostAnswer = MAX_ANSWER_TOKENS,
    }: {
      told: { usual: number; most: number };
      expected: number;
      atMost: number;
      answer: number;
      most?: number;
    },
  ): EstimateLine => ({
    ...{ purpose, basis },
    expected: chat(expected, usual, answer),
    atMost: chat(atMost, most, mostAnswer),
  });

  const answer = scenes * SCRIPT_TOKENS.scene + SCRIPT_TOKENS.besides;
  const { narration, imagePromptBytes, subject, look } = STORYBOARD_LIMITS;
  const shown = scenes * (narration + imagePromptBytes) + subject + look;
  return [
    line('script', `one storyboard of ${scenes} scenes`, {
      ...{ told: told('storyboard'), expected: 1, atMost: 1, answer },
    }),
    line('script_repair', 'only when the storyboard cannot be used as it comes', {
      ...{ told: told('storyboard', MAX_SHOWN_AGAIN), expected: 0, atMost: 1, answer },
    }),
    ...(critic
      ? [
          line('script_critique', 'the critic is on: it reads each storyboard once', {
            ...{ told: told('critique', shown), expected: 1, atMost: 1, answer: CRITIQUE_TOKENS },
          }),
        ]
      : []),
    ...(ours === 0
      ? []
      : [
          line('script_rewrite', 'only when the recorded lines are too long for the film', {
            ...{ told: told('rewrite', ours * narration), expected: 0, atMost: 1, answer },
          }),
        ]),
    ...(rewriteRejectedPrompts && pictures > 0
      ? [
          line('prompt_rewrite', 'once for each picture whose prompt is refused', {
            ...{ told: told('picture_prompt', imagePromptBytes), expected: 0, atMost: pictures },
            ...{ answer: SCRIPT_TOKENS.scene, most: MAX_PROMPT_TOKENS },
          }),
        ]
      : []),
  ];
}

/** Characters as they are billed: those of known texts, and of so many scenes whose words are still to be written. */
function billed(spec: VideoSpec, texts: readonly string[], unwritten: number) {
  const plan = planScript(spec.durationSeconds, spec.language);
  const unit = countsCharacters(spec.language) ? BILLED.characters : BILLED.words;
  const known = texts.reduce((sum, text) => sum + text.length, 0);
  const longest = Math.min(unwritten * STORYBOARD_LIMITS.narration, Math.round(plan.maxTotalLength * unit.most));
  return {
    usual: { characters: known + Math.round(unwritten * plan.narrationLength * unit.usual) },
    most: { characters: known + (unwritten === 0 ? 0 : longest) },
  };
}

function narrationLines(spec: VideoSpec, { prices }: EstimateTerms, spoken: readonly SpokenScene[]): EstimateLine[] {
  if (spoken.length === 0) return [];
  const ours = oursOf(spoken).length;
  const texts = spoken.flatMap(({ text }) => text ?? []);
  // Which resource serves a voice is told with the bill: at most it is the dearest.
  const speech = (calls: number, { characters }: { characters: number }, model = 'default') => ({
    calls,
    ...speechPrice(prices, model, characters),
  });
  const { usual, most } = billed(spec, texts, ours);
  const again = billed(spec, [], ours).most;
  return [
    {
      ...{ purpose: 'narration', basis: `${spoken.length} scenes are spoken, billed by the character` },
      ...{ expected: speech(spoken.length, usual), atMost: speech(spoken.length, most, dearest(prices)) },
    },
    ...(ours === 0
      ? []
      : [
          {
            purpose: 'narration_retake' as const,
            basis: 'lines that were shortened are recorded once more',
            ...{ expected: speech(0, { characters: 0 }), atMost: speech(ours, again, dearest(prices)) },
          },
        ]),
  ];
}

const dearest = ({ speech }: Prices): string =>
  Object.entries(speech).reduce((most, each) => (each[1] > most[1] ? each : most))[0];

function stillLine(
  { prices, models }: EstimateTerms,
  { expected, atMost }: { expected: number; atMost: number },
): EstimateLine {
  const stills = (calls: number) => ({ calls, ...imagePrice(prices, models.image, calls) });
  const basis =
    expected < atMost
      ? 'only where a clip cannot be had, or nothing moves'
      : `one picture for each of ${atMost} scenes`;
  return { purpose: 'still', basis, expected: stills(expected), atMost: stills(atMost) };
}

/** Of pictures that are bought, and of scenes that look for one in place of theirs. */
function embeddingLines(
  { prices, models: { embedding } }: EstimateTerms,
  { expected, atMost }: { expected: number; atMost: number },
): EstimateLine[] {
  if (embedding === null || atMost === 0) return [];
  const embeddings = (calls: number, tokens: number) => ({
    calls,
    ...embeddingPrice(prices, embedding, calls * tokens),
  });
  return [
    {
      ...{ purpose: 'embedding', basis: 'what each picture shows, so that later films find it' },
      ...{ expected: embeddings(expected, SCRIPT_TOKENS.scene), atMost: embeddings(atMost, MOST_EMBEDDED_TOKENS) },
    },
  ];
}

const usualClip = ({ durationSeconds }: VideoSpec, scenes: number): number => clipSeconds(durationSeconds, 1 / scenes);

function clipLine(
  spec: VideoSpec,
  terms: EstimateTerms,
  { clips, scenes }: { clips: number; scenes: number },
): EstimateLine {
  const { least = 0, most = Infinity } =
    findClipModel(terms.models.video, { family: terms.models.videoFamily })?.seconds ?? {};
  // However the film's time is shared out: each clip is rounded up to a second, and to the shortest that is made.
  const longest = Math.min(most, clipSeconds(spec.durationSeconds, 1 / clips) + 1 + least);
  return {
    ...{ purpose: 'clip', basis: `a clip for each of ${clips} scenes, billed by size and length` },
    expected: { calls: clips, ...times(clips, priceOfClips(spec, terms, usualClip(spec, scenes))) },
    atMost: { calls: clips, ...times(clips, priceOfClips(spec, terms, longest)) },
  };
}

function priceOfClips(
  { aspectRatio, resolution }: VideoSpec,
  { prices, models }: EstimateTerms,
  seconds: number,
): Price {
  const canvas = canvasFor(aspectRatio, resolution);
  const shape = clipShapeFor(models.video, { aspectRatio, canvas, seconds }, { family: models.videoFamily });
  return clipPrice(prices, models.video, clipTokens(shape));
}

const times = (count: number, { units, price }: Price): Price => ({
  units: Object.fromEntries(Object.entries(units).map(([unit, of]) => [unit, of * count])),
  price: sumOf([{ price: price * count }]),
});

/** The run's own rules, with expected prices: a script first, then as `allot` says. */
function forecast(
  limit: number,
  film: { terms: EstimateTerms; lines: EstimateLine[]; atMost: number; pictures: number; wishes: Wish[] },
): BudgetForecast {
  const { terms, lines, atMost, pictures, wishes } = film;
  const script = lines.filter(({ purpose }) => purpose.startsWith('script'));
  const written = sumOf(script.map(({ expected }) => expected));
  // Before a chat call the desk wants room for half of the longest answer.
  const first = chatPrice(terms.prices, terms.models.chat, {
    inputTokens: lines[0]?.atMost.units['input_tokens'] ?? 0,
    outputTokens: MAX_ANSWER_TOKENS / 2,
  });
  const needed = { pictures: terms.minRealPictures - pictures };
  const { sufficient, leftOut, asStills } =
    first.price > limit ? { sufficient: false, leftOut: wishes, asStills: [] } : allot(limit - written, wishes, needed);
  return {
    limit,
    outcome: !sufficient ? 'failed' : leftOut.length + asStills.length > 0 ? 'partial' : 'complete',
    sure: atMost <= limit,
    leftOut: [
      ...leftOut.map(
        ({ sceneId, purpose }) => ({ sceneId, what: purpose === 'still' ? 'picture' : 'narration' }) as const,
      ),
      ...asStills.map(({ sceneId }) => ({ sceneId, what: 'clip' as const })),
    ],
  };
}
