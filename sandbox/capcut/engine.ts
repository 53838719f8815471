import { createHash, randomBytes } from 'node:crypto';
import { FONTS, JIANYING_TRANSITIONS, SCENE_EFFECTS, TRANSITIONS, type TransitionMeta } from './names.ts';
import type { FunctionName, Values } from './parameters.ts';
import { saveDraft, type SaveTask } from './save.ts';
import { CapcutError, hexId, KEYFRAMES, keyframeValue, Script, type MediaMaterial, type Segment } from './script.ts';
import { addSubtitles } from './subtitles.ts';
import { trange } from './time.ts';
import { textMaterial } from './text.ts';

/** As many as the server keeps; the oldest are forgotten. */
const MAX_DRAFTS = 10_000;
const MAX_TASKS = 1_000;
/** What the server says a draft can be looked at under; it has no such page. */
const PREVIEW = 'https://www.install-ai-guider.top/draft/downloader';

export interface Added {
  draft_id: string;
  draft_url: string;
  added_keyframes_count?: number;
}

export interface EngineOptions {
  /** Where drafts lie when no folder is named. */
  home: string;
  /** Whose names of transitions it knows. */
  profile?: 'capcut' | 'jianying';
}

/**
 * One server's memory of drafts, and what its functions do to them. Written from the server's own source and answers,
 * faults included; it shares no code with the product.
 */
export class CapcutEngine {
  readonly #options: EngineOptions;
  readonly #drafts = new Map<string, Script>();
  readonly #tasks = new Map<string, SaveTask>();

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  create(values: Values): Added {
    const { id } = this.#begin(values);
    return this.#added(id);
  }

  call(name: Exclude<FunctionName, 'save_draft'>, values: Values): Added {
    switch (name) {
      case 'add_image':
      case 'add_video':
        return this.#addPicture(name, values);
      case 'add_audio':
        return this.#addAudio(values);
      case 'add_text':
        return this.#addText(values);
      case 'add_subtitle': {
        const { id, script } = this.#draft(values);
        addSubtitles(script, values);
        return this.#added(id);
      }
      case 'add_effect':
        return this.#addEffect(values);
      case 'add_sticker':
        return this.#addSticker(values);
      case 'add_video_keyframe':
        return this.#addKeyframes(values);
    }
  }

  /** Null for a draft that is not there, empty for any other, whether or not it could be saved: the task knows. */
  async save({ draft_id: id, draft_folder: folder }: Values): Promise<{ success: true; draft_url: string | null }> {
    const task: SaveTask = {
      ...{ status: 'initialized', message: 'Task initialized', progress: 0 },
      ...{ completed_files: 0, total_files: 0, draft_url: '' },
    };
    this.#tasks.set(String(id), task);
    if (this.#tasks.size > MAX_TASKS) this.#tasks.delete(this.#tasks.keys().next().value as string);
    const script = this.#drafts.get(String(id));
    if (script === undefined) {
      Object.assign(task, { status: 'failed', message: `Draft ${String(id)} does not exist in cache` });
      return { success: true, draft_url: null };
    }
    try {
      await saveDraft(script, {
        id: String(id),
        folder: (folder as string | null) ?? null,
        home: this.#options.home,
        task,
      });
    } catch (error) {
      Object.assign(task, { status: 'failed', message: `Failed to save draft: ${(error as Error).message}` });
    }
    return { success: true, draft_url: '' };
  }

  task(id: string): SaveTask | undefined {
    return this.#tasks.get(id);
  }

  script(id: string): Script | undefined {
    return this.#drafts.get(id);
  }

  /** A draft that is not known is begun without a word. */
  #draft(values: Values): { id: string; script: Script } {
    const id = values['draft_id'];
    const script = typeof id === 'string' ? this.#drafts.get(id) : undefined;
    return script === undefined ? this.#begin(values) : { id: id as string, script };
  }

  #begin({ width = 1080, height = 1920 }: Values): { id: string; script: Script } {
    const id = `dfd_cat_${Math.floor(Date.now() / 1000)}_${randomBytes(4).toString('hex')}`;
    const script = new Script(width as number, height as number);
    this.#drafts.set(id, script);
    if (this.#drafts.size > MAX_DRAFTS) this.#drafts.delete(this.#drafts.keys().next().value as string);
    return { id, script };
  }

  #added(id: string): Added {
    return { draft_id: id, draft_url: `${PREVIEW}?draft_id=${id}&is_capcut=1` };
  }

  #addPicture(name: 'add_image' | 'add_video', values: Values): Added {
    const { id, script } = this.#draft(values);
    script.addMainTrack();
    const track = values['track_name'] as string | null;
    script.addTrack('video', track, Number(values['relative_index']));
    const isImage = name === 'add_image';
    const url = String(values[isImage ? 'image_url' : 'video_url']);
    const speed = isImage ? null : Number(values['speed']);
    const length = isImage ? 0 : Number(values['duration'] ?? 0);
    const start = Number(values['start']);
    const end = Number(values['end'] ?? length);
    const source = trange(isImage ? 0 : start, end - start);
    const target = isImage
      ? trange(start, end - start)
      : { ...trange(Number(values['target_start']), 0), duration: Math.round(source.duration / Number(speed)) };
    const material = mediaOf(isImage ? 'photo' : 'video', { url, id, folder: values['draft_folder'], length });
    const speedMaterial = { id: hexId(), type: 'speed', mode: 0, speed, curve_speed: null };
    const transition = this.#transitionOf(values, isImage);
    script.add(
      {
        ...segmentOf('video', material.id),
        ...{ target, source, speed, volume: Number(values['volume'] ?? 1) },
        refs: [speedMaterial.id, ...(transition === null ? [] : [transition.id])],
        clip: clipOf(values),
      },
      track ?? 'video',
    );
    script.speeds.push(speedMaterial);
    if (transition !== null) script.transitions.push(transition);
    script.addMedia(material);
    return this.#added(id);
  }

  #transitionOf({ transition: name, transition_duration: seconds }: Values, isImage: boolean) {
    if (name === null || name === undefined || name === '') return null;
    const known: Record<string, TransitionMeta> =
      this.#options.profile === 'jianying' ? JIANYING_TRANSITIONS : TRANSITIONS;
    const meta = known[String(name)];
    if (meta === undefined)
      throw new CapcutError(
        isImage
          ? `Warning: Unsupported transition type ${String(name)}, this parameter will be ignored`
          : `Unsupported transition type: ${String(name)}, transition setting skipped`,
      );
    return {
      ...{ id: hexId(), type: 'transition', name: meta.name, effect_id: meta.effectId, resource_id: meta.resourceId },
      ...{ duration: Math.trunc(Number(seconds) * 1e6), is_overlap: meta.isOverlap },
      ...{ platform: 'all', category_id: '', category_name: '' },
    };
  }

  #addAudio(values: Values): Added {
    const { id, script } = this.#draft(values);
    const track = String(values['track_name']);
    script.addTrack('audio', track);
    const length = Number(values['duration'] ?? 0);
    const [start, end] = [Number(values['start']), Number(values['end'] ?? length)];
    const speed = Number(values['speed']);
    const source = trange(start, end - start);
    const target = { ...trange(Number(values['target_start']), 0), duration: Math.round(source.duration / speed) };
    const material = mediaOf('audio', { url: String(values['audio_url']), id, folder: values['draft_folder'], length });
    const speedMaterial = { id: hexId(), type: 'speed', mode: 0, speed, curve_speed: null };
    script.add(
      {
        ...segmentOf('audio', material.id),
        ...{ target, source, speed, volume: Number(values['volume']), refs: [speedMaterial.id] },
      },
      track,
    );
    script.speeds.push(speedMaterial);
    script.addMedia(material);
    return this.#added(id);
  }

  #addText(values: Values): Added {
    const font = values['font'];
    if (font !== null && !(String(font) in FONTS))
      throw new CapcutError(
        `Unsupported font: ${String(font)}, please use one of the fonts in Font_type: ${JSON.stringify(Object.keys(FONTS))}`,
      );
    const { id, script } = this.#draft(values);
    const track = String(values['track_name']);
    script.addTrack('text', track);
    const [start, end] = [Number(values['start']), Number(values['end'])];
    const material = textMaterial(String(values['text']), values, script);
    script.add(
      {
        ...segmentOf('text', material.id),
        ...{ target: trange(start, end - start), clip: clipOf({ ...values, scale_x: 1, scale_y: 1 }) },
        // The id of a speed that nobody writes down.
        refs: [hexId()],
      },
      track,
    );
    script.texts.push(material);
    return this.#added(id);
  }

  #addEffect(values: Values): Added {
    if (values['params'] === null) throw new CapcutError("'NoneType' object is not subscriptable");
    const type = String(values['effect_type']);
    if (!SCENE_EFFECTS.includes(type)) throw new CapcutError(`Unknown scene effect type: ${type}`);
    const { id, script } = this.#draft(values);
    const track = String(values['track_name']);
    script.addTrack('effect', track);
    const material = { id: hexId(), type: 'video_effect', name: type };
    const [start, end] = [Number(values['start']), Number(values['end'])];
    script.add({ ...segmentOf('effect', material.id), target: trange(start, end - start) }, track);
    script.effects.push(material);
    return this.#added(id);
  }

  #addSticker(values: Values): Added {
    const { id, script } = this.#draft(values);
    const track = String(values['track_name']);
    script.addTrack('sticker', track, Number(values['relative_index']));
    const resource = String(values['resource_id']);
    const material = { id: hexId(), type: 'sticker', resource_id: resource, sticker_id: resource, source_platform: 1 };
    const [start, end] = [Number(values['start']), Number(values['end'])];
    script.add(
      { ...segmentOf('sticker', material.id), target: trange(start, end - start), clip: clipOf(values) },
      track,
    );
    script.stickers.push(material);
    return this.#added(id);
  }

  #addKeyframes(values: Values): Added {
    const { id, script } = this.#draft({ draft_id: values['draft_id'] });
    const failed = (what: string): CapcutError => new CapcutError(`Failed to add keyframe: ${what}`);
    const name = String(values['track_name']);
    const track = script.tracks.get(name);
    if (track === undefined) throw failed(`不存在名为 '${name}' 的轨道`);
    if (track.segments.length === 0) throw failed(`No segments in track ${name}`);
    const { property_types: properties, times, values: all } = values;
    const isBatch = properties !== null || times !== null || all !== null;
    const lists = isBatch ? [properties, times, all] : [[values['property_type']], [values['time']], [values['value']]];
    if (!lists.every(Array.isArray)) throw failed('property_types, times, values must all be list types');
    const [types, moments, contents] = lists as [unknown[], unknown[], unknown[]];
    if (types.length === 0) throw failed('In batch mode, parameter lists cannot be empty');
    if (types.length !== moments.length || types.length !== contents.length)
      throw failed(
        `property_types, times, values must have equal lengths, current lengths are: ${types.length}, ${moments.length}, ${contents.length}`,
      );
    for (const [index, type] of types.entries()) {
      const property = String(type);
      if (!(property in KEYFRAMES)) throw failed(`Unsupported keyframe property type: ${property}`);
      keyframeValue(property, contents[index]);
      track.pending.push({ property, time: Number(moments[index]), value: String(contents[index]) });
    }
    return { ...this.#added(id), ...(isBatch ? { added_keyframes_count: types.length } : {}) };
  }
}

function segmentOf(type: Segment['type'], material: string): Segment {
  return {
    ...{ id: hexId(), type, material, target: { start: 0, duration: 0 }, source: null, speed: 1, volume: 1 },
    ...{ refs: [], clip: null, keyframes: new Map() },
  };
}

const clipOf = (values: Values): NonNullable<Segment['clip']> => ({
  x: Number(values['transform_x']),
  y: Number(values['transform_y']),
  scaleX: Number(values['scale_x']),
  scaleY: Number(values['scale_y']),
  rotation: Number(values['rotation'] ?? 0),
  alpha: 1,
});

const FOLDERS = { photo: ['image', 'png'], video: ['video', 'mp4'], audio: ['audio', 'mp3'] } as const;

/** Named by the URL alone; what it is called has nothing to do with what it is. */
function mediaOf(
  kind: MediaMaterial['kind'],
  { url, id, folder, length }: { url: string; id: string; folder: unknown; length: number },
): MediaMaterial {
  const [place, extension] = FOLDERS[kind];
  const name = `${place}_${createHash('sha256').update(url).digest('hex').slice(0, 16)}.${extension}`;
  return {
    ...{ id: createHash('md5').update(name).digest('hex'), kind, name, url },
    path: typeof folder === 'string' ? `${folder}/${id}/assets/${place}/${name}` : '',
    duration: kind === 'photo' ? 10_800_000_000 : Math.trunc(length * 1e6),
    ...{ width: 0, height: 0 },
  };
}
