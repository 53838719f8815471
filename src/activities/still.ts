import { Context, log } from '@temporalio/activity';
import { buyAsset } from '../channels/buy-asset.ts';
import { DatabaseUnavailable } from '../database/errors.ts';
import type { AspectRatio, Canvas } from '../domain/canvas.ts';
import { ProviderError } from '../domain/errors.ts';
import type { StillAsset } from '../domain/outcome.ts';
import type { Purchase } from '../domain/purchase.ts';
import { imagePrice } from '../ledger/prices.ts';
import { settled } from '../ledger/settled.ts';
import type { AssetProvider } from '../providers/doubao/interfaces.ts';
import { findImageModel, imageSizeFor } from '../providers/doubao/models.ts';
import { referenceImageOf } from '../providers/doubao/reference-image.ts';
import { decodeImage } from '../render/decode-image.ts';
import { boughtEmbedder } from './bought-embedder.ts';
import type { ActivityDeps } from './deps.ts';
import { isWanted } from './is-wanted.ts';
import { uploadedAsset } from './uploaded-asset.ts';

/** Models make 4096x4096 at most. */
const MAX_PIXELS_MADE = 24_000_000;
/** What is smaller or longer than this shows nothing in a film: no model was asked for it. */
const LEAST_SIDE_PX = 64;
const MAX_SIDES_RATIO = 4;
/** A picture that is bought and stored does not wait long for what only later films have use for. */
const EMBEDDING_WAIT_MS = 5_000;

export interface GenerateStillInput {
  videoId: string;
  tenant: string;
  sceneId: string;
  prompt: string;
  aspectRatio: AspectRatio;
  canvas: Canvas;
  maxCost: number | null;
  /** As the user asked for: later films look for it. Not in older inputs, whose pictures nobody finds. */
  style?: string | null;
  /** sha256 of an uploaded picture that this one takes after, where the model takes one; none unless said. */
  referenceImage?: string | null;
}

type ImageMaker = Pick<AssetProvider, 'createImage'>;

/** One scene's picture: bought once, fetched at once (its URL lives 24 hours), decoded before it is accepted. */
export function createStillActivities(deps: ActivityDeps) {
  /** A cancel ends the fetching too: the file's host may take longer than an activity has to settle. */
  function generateStill(input: GenerateStillInput): Promise<StillAsset> {
    return settled(buyStill(input), Context.current().cancellationSignal);
  }

  async function buyStill(input: GenerateStillInput): Promise<StillAsset> {
    const model = deps.models.image;
    const { answer, purchase } = await buyAsset<ImageMaker, { url: string; model: string }>(deps.shop, {
      ways: deps.ways.still,
      key: { tenant: input.tenant, videoId: input.videoId, sceneId: input.sceneId, purpose: 'still' },
      provider: 'ark',
      model,
      prompt: input.prompt,
      estimate: imagePrice(deps.prices, model, 1),
      maxCost: input.maxCost,
      isWanted: () => isWanted(input.videoId),
      signal: Context.current().cancellationSignal,
      call: async (provider, { seed }) => {
        const size = imageSizeFor(model, input.aspectRatio, input.canvas, { family: deps.models.imageFamily });
        const image = await provider.createImage({
          ...{ model, prompt: input.prompt, ...size, seed },
          referenceImage: await readReference(input.referenceImage ?? null),
        });
        return {
          answer: { url: image.url, model: image.model },
          cost: {
            ...imagePrice(deps.prices, model, image.generatedImages ?? 1),
            basis: image.generatedImages === null ? ('estimated' as const) : ('reported' as const),
            model: image.model,
          },
        };
      },
    });
    const still = (purchase.kept as StillAsset | null) ?? (await keep(answer, purchase));
    // Whoever kept it may have died before it was entered.
    await catalogue(input, still);
    return still;
  }

  async function keep(answer: { url: string; model: string }, purchase: Purchase): Promise<StillAsset> {
    const still = { ...(await fetchStill(answer)), channel: purchase.channel };
    await deps.desk.keep(purchase, still);
    return still;
  }

  /** For later films: a picture is not lost for its entry. */
  async function catalogue(input: GenerateStillInput, still: StillAsset): Promise<void> {
    const { style, referenceImage = null, maxCost } = input;
    if (style === undefined) return;
    try {
      const embedder = boughtEmbedder(deps, { maxCost, waitMs: EMBEDDING_WAIT_MS });
      await deps.stills.add({ ...input, style, referenceImage, still }, embedder);
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
      log.warn('The picture is not in the catalogue', { code: error.code });
    }
  }

  async function readReference(sha256: string | null): Promise<string | null> {
    if (sha256 === null) return null;
    const limits = findImageModel(deps.models.image, { family: deps.models.imageFamily });
    if ((limits?.maxReferenceImages ?? 0) === 0) {
      log.warn('The image model takes no reference picture', { model: deps.models.image });
      return null;
    }
    const image = await uploadedAsset(deps.assets, { sha256, calledInErrors: 'The reference picture' });
    return referenceImageOf(await deps.assets.read(image));
  }

  async function fetchStill(answer: { url: string; model: string }): Promise<StillAsset> {
    const { bytes, mediaType } = await deps.downloadImage(answer.url);
    const size = await decodeImage(bytes, MAX_PIXELS_MADE).catch((cause: unknown) => {
      throw useless('cannot be decoded', cause);
    });
    const [shorter, longer] = [Math.min(size.width, size.height), Math.max(size.width, size.height)];
    if (shorter < LEAST_SIDE_PX || longer > shorter * MAX_SIDES_RATIO)
      throw useless(`is ${size.width}x${size.height} pixels`);
    const image = await deps.assets.put(bytes, mediaType);
    return { image, ...size, model: answer.model };
  }

  return { generateStill };
}

/** Of the file, not of the purchase: it is fetched again. */
const useless = (what: string, cause?: unknown): ProviderError =>
  new ProviderError(`the picture that came ${what}`, {
    kind: 'temporary_failure',
    provider: 'ark',
    code: 'CorruptImage',
    httpStatus: null,
    retryAfterMs: null,
    billed: 'no',
    cause,
  });
