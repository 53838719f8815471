import type { AigcMetadata } from './aigc-metadata.ts';
import type { Labelling } from './config-files.ts';

/** A visible label as a film carries it. */
export interface Label {
  text: string;
  seconds: number;
  position: Labelling['position'];
  /** Height of its capital letters as a share of the picture's shorter side. */
  textHeight: number;
}

/** The film's visible label in its language (BCP 47), or null when the operator has turned it off. */
export function labelFor(language: string, labelling: Labelling): Label | null {
  if (!labelling.visible) return null;
  const { texts, seconds, position, text_height } = labelling;
  return { text: textFor(language, texts), seconds, position, textHeight: text_height };
}

/** `zh-Hant-TW` takes the text of `zh-Hant-TW`, else of `zh-Hant`, else of `zh`, else the default. */
function textFor(language: string, texts: Labelling['texts']): string {
  const byTag = new Map(Object.entries(texts).map(([tag, text]) => [tag.toLowerCase(), text]));
  for (let tag = language.toLowerCase(); tag !== ''; tag = tag.replace(/(^|-)[^-]*$/, '')) {
    const text = byTag.get(tag);
    if (text !== undefined) return text;
  }
  return texts.default;
}

/** What the metadata of a video's files says. */
export function aigcMetadata({ videoId, labelling }: { videoId: string; labelling: Labelling }): AigcMetadata {
  const propagator = labelling.content_propagator;
  return {
    Label: '1',
    ContentProducer: labelling.content_producer,
    ProduceID: videoId,
    ReservedCode1: '',
    ContentPropagator: propagator,
    PropagateID: propagator === '' ? '' : videoId,
    ReservedCode2: '',
  };
}
