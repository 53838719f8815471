export interface Style {
  id: string;
  /** What `visual_style` takes: it goes into every picture’s prompt. */
  visualStyle: string;
  name: string;
  description: string;
}

/** Looks that are known to work. `visual_style` is free text: these are offers, not a limit. */
export const STYLES: readonly Style[] = [
  ['business', '商务专业', 'Business', 'Clean offices and products, cool light, sober colours.'],
  ['technology', '科技未来', 'Technology', 'Dark ground, luminous lines, glass and metal.'],
  ['cinematic', '电影质感', 'Cinematic', 'Low sun, shallow focus, the colours of film.'],
  ['fresh', '清新自然', 'Fresh and natural', 'Daylight, plants, pale colours.'],
  ['ink', '国风水墨', 'Chinese ink', 'Brush and ink on paper, much left empty.'],
  ['illustration', '扁平插画', 'Flat illustration', 'Plain shapes in few colours, no shading.'],
  ['cartoon', '卡通动漫', 'Cartoon', 'Drawn figures with outlines, bright and friendly.'],
  ['clay', '黏土立体', 'Clay', 'Small figures as if modelled by hand.'],
  ['cyberpunk', '赛博朋克', 'Cyberpunk', 'Night, rain, neon in magenta and cyan.'],
  ['retro', '复古胶片', 'Retro film', 'Grain, faded warm colours, the seventies.'],
  ['minimal', '极简留白', 'Minimal', 'One thing on an empty ground, soft shadow.'],
  ['food', '美食特写', 'Food close-up', 'Very near, warm light, steam and gloss.'],
].map(([id, visualStyle, name, description]) => ({ id, visualStyle, name, description }) as Style);
