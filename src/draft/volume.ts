/** The apps count volume linearly. Six decimals: far below what can be heard. */
export const linearVolume = (db: number): number => Math.round(10 ** (db / 20) * 1e6) / 1e6;
