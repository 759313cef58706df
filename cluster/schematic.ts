import { stringify } from 'yaml';
import type { ClusterDefinition } from './definition';
import type { Schematic } from './machine/schematicSchema';
import type { Node } from './stackSchema';

/** The schematic for the image factory as YAML. */
export function schematicText({ kernelArgs, extensions, overlay, meta, secureboot, bootloader }: Schematic): string {
  return stringify({
    ...(overlay && { overlay }),
    customization: {
      extraKernelArgs: kernelArgs,
      ...(meta.length > 0 && { meta }),
      systemExtensions: { officialExtensions: extensions },
      ...(secureboot && { secureboot }),
      ...(bootloader && { bootloader }),
    },
  });
}

/** The schematic that every stack has, whether it describes it or not. */
export const defaultSchematic = 'default';

/** The name of a node's schematic; undefined if the node has an image of its own. */
export function schematicOf(node: Pick<Node, 'schematic' | 'installerImage'>): string | undefined {
  return node.installerImage === undefined ? (node.schematic ?? defaultSchematic) : undefined;
}

/** The names of the schematics that some node uses, sorted. */
export function schematicsInUse({ nodes }: Pick<ClusterDefinition, 'nodes'>): string[] {
  return [...new Set(nodes.flatMap((node) => schematicOf(node) ?? []))].sort();
}

/**
 * The installer image of a node: its schematic's from the factory's registry, or its own.
 * @param schematicIds the id of every schematic that is in use, by name
 */
export function installerImageOf(
  { imageFactory, versions }: Pick<ClusterDefinition, 'imageFactory'> & { versions: { talos: string } },
  node: Pick<Node, 'schematic' | 'installerImage' | 'secureboot'>,
  schematicIds: Readonly<Record<string, string>>,
): string {
  const schematic = schematicOf(node);
  if (schematic === undefined) return `${node.installerImage}:${versions.talos}`;
  const installer = node.secureboot ? 'metal-installer-secureboot' : 'metal-installer';
  return `${imageFactory.installerRegistry}/${installer}/${schematicIds[schematic]}:${versions.talos}`;
}
