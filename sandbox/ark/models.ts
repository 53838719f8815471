/** What each model accepts. Limits are data: the vendor changes them with every model. */
export interface ChatModel {
  jsonSchema: boolean;
  thinksByDefault: boolean;
  efforts: readonly string[];
}

export interface ImageModel {
  tiers: readonly string[];
  minPixels: number;
  maxPixels: number;
  ratioLimit: number;
  defaultSize: string;
  seed: boolean;
  guidanceScale: boolean;
  png: boolean;
  sequential: boolean;
  /** How many input images it takes: least, most. */
  images: readonly [number, number];
  /** 4.0 and later tell the size in the answer. */
  reportsSize: boolean;
}

const ALL_EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
const seedChat: ChatModel = { jsonSchema: true, thinksByDefault: true, efforts: ALL_EFFORTS };

const CHAT_MODELS: Record<string, ChatModel> = {
  'doubao-seed-2-1-pro-260628': seedChat,
  'doubao-seed-2-1-turbo-260628': seedChat,
  'doubao-seed-2-0-lite-260428': seedChat,
  'doubao-seed-2-0-code-preview-260215': { ...seedChat, jsonSchema: false },
  'doubao-seed-1-6-251015': { ...seedChat, efforts: ['minimal', 'low', 'medium', 'high'] },
  'doubao-seed-1-6-flash-250828': seedChat,
};

const seedream3: ImageModel = {
  tiers: [],
  minPixels: 512 * 512,
  maxPixels: 2048 * 2048,
  ratioLimit: 16,
  defaultSize: '1024x1024',
  seed: true,
  guidanceScale: true,
  png: false,
  sequential: false,
  images: [0, 0],
  reportsSize: false,
};
const seedream4: ImageModel = {
  ...seedream3,
  tiers: ['1K', '2K', '4K'],
  minPixels: 921_600,
  maxPixels: 16_777_216,
  defaultSize: '2048x2048',
  seed: false,
  guidanceScale: false,
  sequential: true,
  images: [0, 14],
  reportsSize: true,
};
const seedream5Pro: ImageModel = {
  ...seedream4,
  tiers: ['1K', '1.5K', '2K'],
  maxPixels: 4_624_220,
  png: true,
  sequential: false,
  images: [0, 10],
};

const IMAGE_MODELS: Record<string, ImageModel> = {
  'doubao-seedream-3-0-t2i-250415': seedream3,
  'doubao-seededit-3-0-i2i-250628': { ...seedream3, tiers: ['adaptive'], defaultSize: 'adaptive', images: [1, 1] },
  'doubao-seedream-4-0-250828': seedream4,
  'doubao-seedream-4-5-251128': { ...seedream4, tiers: ['2K', '4K'], minPixels: 3_686_400 },
  'doubao-seedream-5-0-260128': { ...seedream4, tiers: ['2K', '3K', '4K'], minPixels: 3_686_400, png: true },
  'doubao-seedream-5-0-pro-260628': seedream5Pro,
  'doubao-seedream-5-0-flash-260915': seedream5Pro,
};

export interface EmbeddingModel {
  /** How many numbers it gives; the first unless asked. */
  dimensions: readonly [number, ...number[]];
}

const TEXT_EMBEDDING_MODELS: Record<string, EmbeddingModel> = {
  'doubao-embedding-text-240715': { dimensions: [2560] },
  'doubao-embedding-large-text-240915': { dimensions: [4096] },
  'doubao-embedding-large-text-250515': { dimensions: [2048] },
};

// Only 250615's are known; the others are taken to be like it.
const MULTIMODAL_EMBEDDING_MODELS: Record<string, EmbeddingModel> = Object.fromEntries(
  ['241215', '250328', '250615', '251215'].map((version) => [
    `doubao-embedding-vision-${version}`,
    { dimensions: [2048, 1024] },
  ]),
);

const ENDPOINT_ID = /^ep-[a-z0-9-]+$/i;

export function chatModel(id: string): ChatModel | undefined {
  return ENDPOINT_ID.test(id) ? seedChat : CHAT_MODELS[id];
}

/** Which model stands behind an `ep-…` is the customer's choice; here it is the one with the widest limits. */
export function imageModel(id: string): ImageModel | undefined {
  return ENDPOINT_ID.test(id) ? seedream4 : IMAGE_MODELS[id];
}

export function textEmbeddingModel(id: string): EmbeddingModel | undefined {
  return ENDPOINT_ID.test(id) ? { dimensions: [2048] } : TEXT_EMBEDDING_MODELS[id];
}

export function multimodalEmbeddingModel(id: string): EmbeddingModel | undefined {
  return ENDPOINT_ID.test(id) ? { dimensions: [2048, 1024] } : MULTIMODAL_EMBEDDING_MODELS[id];
}
