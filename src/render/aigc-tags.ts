import type { AigcMetadata } from '../domain/aigc-metadata.ts';
import type { FilmFormat } from './encoding.ts';

/** The name of the field, in every container. */
const FIELD = 'AIGC';
/** The XML namespace that the practice guide of TC260 gives the field in pictures. */
const NAMESPACE = 'http://www.tc260.org.cn/ns/AIGC/1.0/';

/**
 * ffmpeg's arguments that write the implicit label into a film: MP4 as a key of moov/meta (`mdta`), which ffmpeg does
 * only when told to use the metadata's own names; WebM as a tag of the segment.
 */
export function aigcArguments(aigc: AigcMetadata | null, format: FilmFormat): { metadata: string[]; movflags: string } {
  if (aigc === null) return { metadata: [], movflags: '+faststart' };
  return {
    metadata: ['-metadata', `${FIELD}=${JSON.stringify(aigc)}`],
    movflags: format === 'mp4' ? '+faststart+use_metadata_tags' : '',
  };
}

/** The same label as XMP, for the cover. */
export function aigcXmp(aigc: AigcMetadata): string {
  const json = JSON.stringify(aigc).replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return [
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    `<rdf:Description rdf:about="" xmlns:TC260="${NAMESPACE}"><TC260:${FIELD}>${json}</TC260:${FIELD}></rdf:Description>`,
    '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>',
  ].join('\n');
}
