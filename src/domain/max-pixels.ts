/** A raster larger than this is not a picture for a film but an attack on memory. */
export const MAX_PIXELS = 64_000_000;
