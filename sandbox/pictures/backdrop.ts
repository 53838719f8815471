import type { Seeded } from '../seeded.ts';
import type { Palette } from './palette.ts';

export interface Stage {
  width: number;
  height: number;
  palette: Palette;
  dice: Seeded;
}

/** What stands behind the motif: light first, then three layers that come nearer. */
export function drawBackdrop(stage: Stage): string {
  const ground = stage.dice.pick([hills, waves, ridges, dunes]);
  const air = stage.dice.pick([bokeh, rays, rings, sparks]);
  return `${light(stage)}${air(stage)}${ground(stage)}`;
}

function light({ width, height, dice }: Stage): string {
  const x = width * dice.between(0.25, 0.75);
  const y = height * dice.between(0.3, 0.5);
  const radius = Math.max(width, height) * 0.55;
  return `<rect width="${width}" height="${height}" fill="url(#sky)"/>
    <circle cx="${n(x)}" cy="${n(y)}" r="${n(radius)}" fill="url(#glow)"/>`;
}

function bokeh({ width, height, palette, dice }: Stage): string {
  const unit = Math.min(width, height);
  return times(16, () => {
    const [x, y, r] = [dice.between(0, width), dice.between(0, height * 0.72), unit * dice.between(0.012, 0.075)];
    return `<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${dice.pick([palette.glow, palette.light, palette.accent])}" opacity="${n(dice.between(0.06, 0.22))}"/>`;
  });
}

function rays({ width, height, palette, dice }: Stage): string {
  const [x, y] = [width * dice.between(0.2, 0.8), height * -0.05];
  const length = width + height;
  return times(7, (index) => {
    const angle = ((18 + index * 22 + dice.between(-5, 5)) * Math.PI) / 180;
    const spread = dice.between(0.03, 0.08);
    const tip = (turn: number) => `${n(x + length * Math.cos(angle + turn))} ${n(y + length * Math.sin(angle + turn))}`;
    return `<path d="M${n(x)} ${n(y)} L${tip(-spread)} L${tip(spread)} Z" fill="${palette.glow}" opacity=".1"/>`;
  });
}

function rings({ width, height, palette, dice }: Stage): string {
  const [x, y] = [width * dice.between(0.3, 0.7), height * dice.between(0.4, 0.56)];
  const unit = Math.min(width, height);
  return times(4, (index) => {
    const radius = unit * (0.34 + index * 0.17);
    return `<circle cx="${n(x)}" cy="${n(y)}" r="${n(radius)}" fill="none" stroke="${palette.light}" stroke-width="${n(unit * 0.004)}" opacity="${n(0.34 - index * 0.07)}"/>`;
  });
}

function sparks({ width, height, palette, dice }: Stage): string {
  const unit = Math.min(width, height);
  return times(40, () => {
    const [x, y, r] = [dice.between(0, width), dice.between(0, height * 0.66), unit * dice.between(0.0015, 0.006)];
    return `<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${palette.light}" opacity="${n(dice.between(0.3, 0.9))}"/>`;
  });
}

type Layer = (stage: Stage, place: { base: number; color: string; index: number }) => string;

function layered(stage: Stage, layer: Layer): string {
  const { height, palette } = stage;
  const colors = [palette.far, palette.mid, palette.near];
  return colors.map((color, index) => layer(stage, { base: height * (0.64 + index * 0.1), color, index })).join('');
}

const hills = (stage: Stage) =>
  layered(stage, ({ width, height, dice }, { base, color }) => {
    const swell = height * 0.07;
    const [a, b, c] = [dice.between(-swell, swell), dice.between(-swell, swell), dice.between(-swell, swell)];
    return `<path d="M0 ${n(base + a)} C${n(width * 0.25)} ${n(base - swell + b)} ${n(width * 0.4)} ${n(base + swell)} ${n(width * 0.6)} ${n(base + b)} S${n(width * 0.9)} ${n(base - swell)} ${width} ${n(base + c)} V${height} H0 Z" fill="${color}" opacity=".92"/>`;
  });

const waves = (stage: Stage) =>
  layered(stage, ({ width, height, dice }, { base, color }) => {
    const step = width / dice.integer(3, 5);
    const rise = height * 0.016;
    const crests = times(8, () => `t${n(step)} 0`);
    return `<path d="M${n(-step * dice.next())} ${n(base)} q${n(step / 2)} ${n(-rise * 2)} ${n(step)} 0 ${crests} V${height} H${n(-step)} Z" fill="${color}" opacity=".88"/>`;
  });

const ridges = (stage: Stage) =>
  layered(stage, ({ width, height, dice }, { base, color }) => {
    const peaks = dice.integer(4, 6);
    const points = times(peaks + 1, (index) => {
      const y = base - (index % 2 ? dice.between(0.05, 0.12) : dice.between(-0.02, 0.02)) * height;
      return `L${n((width * index) / peaks)} ${n(y)} `;
    });
    return `<path d="M0 ${height} ${points} L${width} ${height} Z" fill="${color}" opacity=".92" stroke="${color}" stroke-width="6" stroke-linejoin="round"/>`;
  });

const dunes = (stage: Stage) =>
  layered(stage, ({ width, height, dice }, { base, color, index }) => {
    const x = width * dice.between(0.1, 0.9);
    const rx = width * dice.between(0.75, 1.1);
    const ry = height * (0.2 + index * 0.02);
    return `<ellipse cx="${n(x)}" cy="${n(base + ry)}" rx="${n(rx)}" ry="${n(ry)}" fill="${color}" opacity=".9"/><rect y="${n(base + ry)}" width="${width}" height="${n(height - base)}" fill="${color}" opacity=".9"/>`;
  });

function times(count: number, draw: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => draw(index)).join('');
}

function n(value: number): string {
  return value.toFixed(2);
}
