import type { Raster } from './image-size.ts';

export type Rasters = Record<string, Record<string, Raster>>;

/** What a video model accepts, and the rasters it makes: by resolution, then by ratio. */
export interface VideoModel {
  rasters: Rasters;
  defaultResolution: string;
  /** What text-to-video has where no ratio is given; `adaptive` is refused by 1.0. */
  defaultRatio: '16:9' | 'adaptive';
  seconds: readonly [number, number];
  /** Takes `duration: -1`, which leaves the length to the model. */
  choosesLength: boolean;
  seed: boolean;
  frames: boolean;
  cameraFixed: boolean;
  audio: boolean;
  /** How many pictures it begins or ends with: least, most. */
  images: readonly [number, number];
}

const RATIOS = ['16:9', '4:3', '1:1', '3:4', '9:16', '21:9'] as const;
const row = (...sizes: readonly [string, string, string, string, string, string]): Record<string, Raster> =>
  Object.fromEntries(
    sizes.map((size, index) => {
      const [width = 0, height = 0] = size.split('x').map(Number);
      return [RATIOS[index] ?? '', { width, height }];
    }),
  );

const RASTERS_1_0: Rasters = {
  '480p': row('864x480', '736x544', '640x640', '544x736', '480x864', '960x416'),
  '720p': row('1248x704', '1120x832', '960x960', '832x1120', '704x1248', '1504x640'),
  '1080p': row('1920x1088', '1664x1248', '1440x1440', '1248x1664', '1088x1920', '2176x928'),
};
const RASTERS_2_0: Rasters = {
  '480p': row('864x496', '752x560', '640x640', '560x752', '496x864', '992x432'),
  '720p': row('1280x720', '1112x834', '960x960', '834x1112', '720x1280', '1470x630'),
  '1080p': row('1920x1080', '1664x1248', '1440x1440', '1248x1664', '1080x1920', '2206x946'),
};
const only = (rasters: Rasters, names: readonly string[]): Rasters =>
  Object.fromEntries(Object.entries(rasters).filter(([name]) => names.includes(name)));

const seedance1: VideoModel = {
  ...{ rasters: RASTERS_1_0, defaultResolution: '1080p', defaultRatio: '16:9', seconds: [2, 12] },
  ...{ choosesLength: false, seed: true, frames: true, cameraFixed: true, audio: false, images: [0, 2] },
};
const seedance15: VideoModel = {
  ...{ rasters: RASTERS_2_0, defaultResolution: '720p', defaultRatio: 'adaptive', seconds: [4, 12] },
  ...{ choosesLength: true, seed: false, frames: false, cameraFixed: true, audio: true, images: [0, 2] },
};
const seedance2: VideoModel = { ...seedance15, seconds: [4, 15], cameraFixed: false };
const seedance2Fast: VideoModel = { ...seedance2, rasters: only(RASTERS_2_0, ['480p', '720p']) };

const VIDEO_MODELS: Record<string, VideoModel> = {
  'doubao-seedance-1-0-lite-t2v-250428': { ...seedance1, defaultResolution: '720p', images: [0, 0] },
  'doubao-seedance-1-0-lite-i2v-250428': { ...seedance1, defaultResolution: '720p', images: [1, 2] },
  'doubao-seedance-1-0-pro-250528': seedance1,
  'doubao-seedance-1-0-pro-fast-251015': { ...seedance1, images: [0, 1] },
  'doubao-seedance-1-5-pro-251215': seedance15,
  'doubao-seedance-2-0-260128': seedance2,
  'doubao-seedance-2-0-fast-260128': seedance2Fast,
  'doubao-seedance-2-0-mini-260615': seedance2Fast,
  'doubao-seedance-2-5-260628': {
    ...{ ...seedance2, seconds: [4, 30] },
    rasters: { ...RASTERS_2_0, '480p': row('854x480', '752x560', '640x640', '560x752', '480x854', '992x432') },
  },
};

/** Which model stands behind an `ep-…` is the customer's choice; here it is 1.0-pro. */
export const videoModel = (id: string): VideoModel | undefined =>
  /^ep-[a-z0-9-]+$/i.test(id) ? seedance1 : VIDEO_MODELS[id];
