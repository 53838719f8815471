import { existsSync, readFileSync } from 'node:fs';
import { FONTS } from './names.ts';
import type { Values } from './parameters.ts';
import { CapcutError, hexId, type Script } from './script.ts';
import { textMaterial } from './text.ts';

/** Each cue a text, all at one place and of one width; without a font it breaks. */
export function addSubtitles(script: Script, values: Values): void {
  const track = String(values['track_name']);
  const { font } = values;
  if (typeof font === 'string' && !(font in FONTS)) throw new CapcutError(`Unsupported font: ${font}`);
  // Made before anything is read: it stays, whatever follows.
  script.addTrack('text', track, 999);
  if (font === null)
    throw new CapcutError(
      "cannot access free variable 'font_type' where it is not associated with a value in enclosing scope",
    );
  const given = String(values['srt_path']);
  const text = existsSync(given) ? readFileSync(given, 'utf8') : given.replaceAll('\\n', '\n').replaceAll('/n', '\n');
  const offset = Number(values['time_offset']) * 1e6;
  for (const { start, end, lines } of cuesOf(text)) {
    const look = { ...values, font_alpha: values['alpha'], fixed_width: -1, fixed_height: -1, shadow_enabled: false };
    const material = textMaterial(lines, look, script);
    material['fixed_width'] = script.width < script.height ? 648 : 1344;
    script.add(
      {
        ...{ id: hexId(), type: 'text', material: material.id, source: null, speed: 1, volume: 1, refs: [hexId()] },
        target: { start: start + offset, duration: end - start },
        clip: {
          ...{ x: Number(values['transform_x']), y: Number(values['transform_y']), alpha: 1 },
          ...{ scaleX: Number(values['scale_x']), scaleY: Number(values['scale_y']) },
          rotation: Number(values['rotation']),
        },
        keyframes: new Map(),
      },
      track,
    );
    script.texts.push(material);
  }
}

function cuesOf(srt: string): { start: number; end: number; lines: string }[] {
  return srt
    .split(/\r?\n\s*\r?\n/)
    .map((cue) => cue.trim().split(/\r?\n/))
    .filter(([first]) => first !== undefined && first !== '')
    .map(([index = '', times = '', ...lines]) => {
      if (!/^\d+$/.test(index.trim())) throw new CapcutError(`Expected a number at line 1, got '${index.trim()}'`);
      const [start, end] = times.split(' --> ').map(stamp);
      return { start: start ?? 0, end: end ?? 0, lines: lines.join('\n') };
    });
}

function stamp(text: string): number {
  const parts = /^\s*(\d+):(\d+):(\d+),(\d+)\s*$/.exec(text);
  if (parts === null) throw new CapcutError('not enough values to unpack (expected 2, got 1)');
  const [hours, minutes, seconds, ms] = parts.slice(1).map(Number) as [number, number, number, number];
  return ((hours * 60 + minutes) * 60 + seconds) * 1e6 + ms * 1e3;
}
