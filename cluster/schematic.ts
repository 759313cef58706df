import { stringify } from 'yaml';
import type { Image } from './stackSchema';

/** The image factory whose images are installed. */
export const imageFactoryHost = 'factory.talos.dev';

/** The schematic's text for the image factory: kernel arguments and official extensions. */
export function schematicText(image: Pick<Image, 'schematic'>): string {
  const { kernelArgs, extensions } = image.schematic;
  return stringify({
    customization: {
      extraKernelArgs: kernelArgs,
      systemExtensions: { officialExtensions: extensions },
    },
  });
}

/** The installer image of a schematic for bare metal; `talosVersion` with its leading `v`. */
export function installerImage(schematicId: string, talosVersion: string): string {
  return `${imageFactoryHost}/metal-installer/${schematicId}:${talosVersion}`;
}
