/** How a family of embedding models is asked: one text of many in a request, or what the parts of one request say together. */
export type EmbeddingEndpoint = 'text' | 'multimodal';

/** Each family with the form of its model ids; `doubao-` is missing in BytePlus's names. First match wins. */
const EMBEDDING_MODELS: readonly { ids: RegExp; endpoint: EmbeddingEndpoint }[] = [
  { ids: /^(doubao-|skylark-)?embedding-vision/, endpoint: 'multimodal' },
  { ids: /^(doubao-|skylark-)?embedding-(large-)?text/, endpoint: 'text' },
];

/** Where an embedding model is asked, or undefined when neither its id nor `family` (of an `ep-…` id) tells it. */
export function findEmbeddingEndpoint(
  model: string,
  { family = null }: { family?: string | null } = {},
): EmbeddingEndpoint | undefined {
  const known = (id: string) => EMBEDDING_MODELS.find(({ ids }) => ids.test(id))?.endpoint;
  return known(model) ?? (family === null ? undefined : known(family));
}
