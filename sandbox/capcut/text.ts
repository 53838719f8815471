import { FONTS } from './names.ts';
import type { Values } from './parameters.ts';
import { CapcutError, hexId, type Material, type Script } from './script.ts';

/** A text as the server writes it. Its styles count code points. */
export function textMaterial(
  text: string,
  values: Values,
  { width, height }: Pick<Script, 'width' | 'height'>,
): Material {
  const number = (name: string): number => Number(values[name]);
  for (const name of ['font_alpha', 'border_alpha', 'background_alpha'])
    if (number(name) < 0 || number(name) > 1)
      throw new CapcutError(`${name === 'font_alpha' ? 'alpha' : name} value must be between 0.0 and 1.0`);
  const [hasBorder, hasBackground] = [number('border_width') > 0, number('background_alpha') > 0];
  const hasShadow = values['shadow_enabled'] === true;
  const font = values['font'] == null ? null : { id: FONTS[String(values['font'])], path: 'C:/font.ttf' };
  const style = {
    ...{ range: [0, [...text].length], size: number('font_size') },
    ...{ bold: values['bold'] === true, italic: values['italic'] === true, underline: values['underline'] === true },
    fill: {
      alpha: 1,
      content: { render_type: 'solid', solid: { alpha: number('font_alpha'), color: rgb(values['font_color']) } },
    },
    strokes: hasBorder
      ? [
          {
            content: { solid: { alpha: number('border_alpha'), color: rgb(values['border_color']) } },
            width: (number('border_width') / 100) * 0.2,
          },
        ]
      : [],
    ...(font === null ? {} : { font }),
  };
  const fixed = (name: string, side: number): number => (number(name) > 0 ? Math.trunc(number(name) * side) : -1);
  return {
    ...{ id: hexId(), type: 'text', content: JSON.stringify({ styles: [style], text }) },
    ...{ typesetting: values['vertical'] === true ? 1 : 0, alignment: 1, letter_spacing: 0, line_spacing: 0.02 },
    ...{ line_feed: 1, line_max_width: 0.82, force_apply_line_max_width: false, global_alpha: number('font_alpha') },
    check_flag: 7 | (hasBorder ? 8 : 0) | (hasBackground ? 16 : 0) | (hasShadow ? 32 : 0),
    ...{ fixed_width: fixed('fixed_width', width), fixed_height: fixed('fixed_height', height) },
    ...(hasBackground
      ? {
          ...{ background_style: number('background_style'), background_color: values['background_color'] },
          ...{ background_alpha: number('background_alpha') },
        }
      : {}),
    has_shadow: hasShadow,
    ...(hasShadow
      ? {
          ...{ shadow_alpha: number('shadow_alpha'), shadow_angle: number('shadow_angle') },
          ...{ shadow_color: values['shadow_color'], shadow_distance: number('shadow_distance') },
          shadow_smoothing: number('shadow_smoothing'),
        }
      : {}),
  };
}

function rgb(colour: unknown): number[] {
  const hex = /^#?([0-9a-f]{6})$/i.exec(String(colour))?.[1];
  if (hex === undefined)
    throw new CapcutError(`Color parameter error: Invalid hexadecimal color code: ${String(colour)}`);
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
}
