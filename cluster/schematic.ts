import { stringify } from 'yaml';
import type { Image } from './stackSchema';

/** The image factory that serves the installer images. */
export const imageFactoryHost = 'factory.talos.dev';

/** The schematic for the image factory as YAML: kernel arguments and official extensions. */
export function schematicText(image: Pick<Image, 'schematic'>): string {
  const { kernelArgs, extensions } = image.schematic;
  return stringify({
    customization: {
      extraKernelArgs: kernelArgs,
      systemExtensions: { officialExtensions: extensions },
    },
  });
}

/** The bare-metal installer image of a schematic; `talosVersion` includes the leading `v`. */
export function installerImage(schematicId: string, talosVersion: string): string {
  return `${imageFactoryHost}/metal-installer/${schematicId}:${talosVersion}`;
}
