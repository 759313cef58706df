import type { Image } from '../stackSchema';

/** The install disk as Talos wants it: a path, or facts to find it by. */
export function disk(image: Pick<Image, 'installDisk' | 'installDiskSelector'>): object {
  return image.installDiskSelector === undefined
    ? { disk: image.installDisk }
    : { diskSelector: image.installDiskSelector };
}
