import type { Image } from '../stackSchema';

/** The install disk for `machine.install`: a path or a selector. */
export function disk(image: Pick<Image, 'installDisk' | 'installDiskSelector'>): object {
  return image.installDiskSelector === undefined
    ? { disk: image.installDisk }
    : { diskSelector: image.installDiskSelector };
}
