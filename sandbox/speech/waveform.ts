const TARGET_RMS = 10 ** (-18 / 20);
/** Above this, peaks are bent instead of cut. */
const KNEE = 0.8;

/** Brings speech to one loudness, so that scenes do not jump; peaks stay below full scale. */
export function normalized(samples: Int16Array, gain: number): Float32Array {
  const floats = Float32Array.from(samples, (sample) => sample / 32_768);
  const power = floats.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, floats.length);
  const factor = power > 0 ? (TARGET_RMS / Math.sqrt(power)) * gain : 1;
  return floats.map((sample) => soft(sample * factor));
}

function soft(sample: number): number {
  const size = Math.abs(sample);
  if (size <= KNEE) return sample;
  return Math.sign(sample) * (KNEE + (1 - KNEE) * Math.tanh((size - KNEE) / (1 - KNEE)));
}

const HALF_TAPS = 16;
/** Kernel values between two input samples: fine enough that the table's steps stay below 16-bit noise of speech. */
const KERNEL_STEPS = 512;

/** Windowed-sinc resampling: band-limited in both directions. */
export function resample(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  if (fromHz === toHz) return samples;
  const step = fromHz / toHz;
  const cutoff = Math.min(1, toHz / fromHz);
  const reach = Math.ceil(HALF_TAPS / cutoff);
  const kernel = kernelTable(reach, cutoff);
  const out = new Float32Array(Math.round(samples.length / step));
  for (let index = 0; index < out.length; index += 1) {
    const centre = index * step;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(samples.length - 1, Math.floor(centre + reach));
    let sum = 0;
    for (let at = first; at <= last; at += 1) {
      sum += (samples[at] ?? 0) * (kernel[Math.round(Math.abs(centre - at) * KERNEL_STEPS)] ?? 0);
    }
    out[index] = sum;
  }
  return out;
}

/** One side of the symmetric kernel, by distance. */
function kernelTable(reach: number, cutoff: number): Float32Array {
  return Float32Array.from({ length: reach * KERNEL_STEPS + 1 }, (_, index) => {
    const distance = index / KERNEL_STEPS;
    return cutoff * sinc(distance * cutoff) * hann(distance / reach);
  });
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function hann(x: number): number {
  return 0.5 + 0.5 * Math.cos(Math.PI * x);
}

/** Signed 16-bit little-endian, mono. */
export function toPcm(samples: Float32Array): Buffer {
  const pcm = Buffer.alloc(samples.length * 2);
  samples.forEach((sample, index) => {
    pcm.writeInt16LE(Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767))), index * 2);
  });
  return pcm;
}

export function toWav(pcm: Buffer, sampleRate: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + pcm.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(pcm.length, 40);
  return Buffer.concat([header, pcm]);
}
