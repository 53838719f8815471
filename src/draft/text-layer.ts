import type { Timeline } from '../timeline/timeline.ts';
import type { Layer } from './format.ts';
import type { IdOf } from './ids.ts';
import type { Placement } from './motion.ts';
import { clipOf, segmentOf, trackOf } from './segment.ts';
import { textOf, type TextLook } from './text-material.ts';

export interface PlacedText {
  text: string;
  look: TextLook;
  span: { startUs: number; durationUs: number };
  place: Placement;
  /** How it moves from there; it stands unless said. */
  keyframes?: readonly unknown[];
}

interface TextLayerOptions {
  /** The track's name. */
  name: string;
  /** What one of its texts is called in ids. */
  kind: string;
  canvas: Timeline['canvas'];
  idOf: IdOf;
}

/**
 * A track of texts, each a material of its own with one segment.
 * What is no text is null: ids count it, so that a card's text and its background have the same number.
 */
export function textLayer(
  placed: readonly (PlacedText | null)[],
  { name, kind, canvas, idOf }: TextLayerOptions,
): Layer {
  const pairs = placed.flatMap((each, index) => {
    if (each === null) return [];
    const { text, look, span, place, keyframes = [] } = each;
    const material = textOf(text, { id: idOf('text', kind, index), look, canvas });
    const segment = segmentOf({
      id: idOf('segment', kind, index),
      materialId: material.id,
      target: { start: span.startUs, duration: span.durationUs },
      source: null,
      refs: [],
      clip: clipOf(place),
      keyframes,
    });
    return { material, segment };
  });
  const segments = pairs.map(({ segment }) => segment);
  const texts = pairs.map(({ material }) => material);
  return { track: trackOf('text', { name, segments, idOf }), materials: { texts } };
}
