import type { Timeline } from '../timeline/timeline.ts';
import type { Layer } from './format.ts';
import type { IdOf } from './ids.ts';
import { keyframesOn, type Course, type Placement } from './motion.ts';
import { clipOf, segmentOf, trackOf } from './segment.ts';
import { textOf, type TextLook } from './text-material.ts';

export interface PlacedText {
  text: string;
  look: TextLook;
  span: { startUs: number; durationUs: number };
  place: Placement;
  /** How it moves from there; it stands unless said. */
  courses?: readonly Course[];
}

export interface TextTrack {
  name: string;
  /** What one of its texts is called in ids. */
  kind: string;
  /** What is no text is null: ids count it, so that a card's text and its background have the same number. */
  texts: readonly (PlacedText | null)[];
}

/** A track of texts, each a material of its own with one segment. */
export function textLayer(
  { name, kind, texts: placed }: TextTrack,
  { canvas, idOf }: { canvas: Timeline['canvas']; idOf: IdOf },
): Layer {
  const pairs = placed.flatMap((each, index) => {
    if (each === null) return [];
    const { text, look, span, place, courses = [] } = each;
    const material = textOf(text, { id: idOf('text', kind, index), look, canvas });
    const segment = segmentOf({
      id: idOf('segment', kind, index),
      materialId: material.id,
      target: { start: span.startUs, duration: span.durationUs },
      source: null,
      refs: [],
      clip: clipOf(place),
      keyframes: keyframesOn(courses, { words: [kind, index], idOf }),
    });
    return { material, segment };
  });
  const segments = pairs.map(({ segment }) => segment);
  const texts = pairs.map(({ material }) => material);
  return { track: trackOf('text', { name, segments, idOf }), materials: { texts } };
}
