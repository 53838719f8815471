import type { OwnMaterial } from './own-material.ts';

/** A scene's own material; nothing of it where none was brought. */
export function ownMaterialOf(material: readonly OwnMaterial[], sceneId: string): Omit<OwnMaterial, 'sceneId'> {
  return material.find((own) => own.sceneId === sceneId) ?? { text: null, picture: null, clip: null, narration: null };
}
