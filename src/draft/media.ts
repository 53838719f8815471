/** What the draft's files are, measured; the lists go with the tracks of the Timeline, one entry a segment. */
export interface DraftMedia {
  pictures: PictureMedia[];
  narration: SoundMedia[];
  music: SoundMedia[];
}

export interface PictureMedia {
  /** Inside the draft's folder, with `/`. */
  file: string;
  width: number;
  height: number;
  /** Null for a picture that stands still. */
  clip: ClipMedia | null;
}

export interface ClipMedia {
  durationUs: number;
  /** How many times faster than recorded the draft plays it. */
  speed: number;
}

export interface SoundMedia {
  /** Inside the draft's folder, with `/`. */
  file: string;
  durationUs: number;
  /** Mean level of what sounds in it, in dB of full scale; null where nobody asks. */
  levelDb: number | null;
}
