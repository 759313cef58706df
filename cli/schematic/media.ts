import type { Node, StackConfig } from '../../cluster/stackSchema';
import { defaultImageFactory, plainSchematic } from '../../cluster/machine/schematicSchema';
import { installerImageOf, schematicOf, schematicText } from '../../cluster/schematic';
import { schematicId } from '../../cluster/schematicId';

/** What machines boot from and are installed with. */
export interface BootMedia {
  /** The name of the schematic; absent for machines with an image of their own. */
  schematic?: string;
  /** The id under which the factory knows the schematic. */
  id?: string;
  architecture: Node['architecture'];
  secureboot: boolean;
  /** The nodes that use it, in the order of the stack file. */
  nodes: string[];
  /** The image that Talos is installed and upgraded from. */
  installer: string;
  /** For a USB stick or a virtual drive. Single-board computers have none. */
  iso?: string;
  /** An iPXE script. */
  pxe?: string;
  /** To write to the disk itself, such as the SD card of a single-board computer. */
  diskImage?: string;
}

/** What a stack says about the images of its machines. */
export interface ImageSources extends Pick<StackConfig, 'imageFactory' | 'schematics'> {
  nodes: readonly Node[];
  versions: { talos: string };
}

/** The official factory serves iPXE scripts at a host of its own; another one at its URL, unless its owner says otherwise. */
const pxeUrlOf = (url: string): string => (url === defaultImageFactory ? 'https://pxe.factory.talos.dev' : url);

/** The texts of the schematics that some node uses, by name: what the factory is given. */
export function schematicTexts({ nodes, schematics }: Pick<ImageSources, 'nodes' | 'schematics'>): Map<string, string> {
  const names = [...new Set(nodes.flatMap((node) => schematicOf(node) ?? []))].sort();
  return new Map(names.map((name) => [name, schematicText(schematics[name] ?? plainSchematic)]));
}

/** The media of every node: one entry for each schematic, architecture and kind of boot, in the order of the nodes. */
export function bootMedia(sources: ImageSources): BootMedia[] {
  const ids = Object.fromEntries([...schematicTexts(sources)].map(([name, text]) => [name, schematicId(text)]));
  const media = new Map<string, BootMedia>();
  for (const node of sources.nodes) {
    const { architecture, secureboot, name } = node;
    const installer = installerImageOf(sources, node, ids);
    const key = `${installer} ${architecture}`;
    const known = media.get(key);
    if (known !== undefined) known.nodes.push(name);
    else media.set(key, { ...linksOf(sources, node, ids), architecture, secureboot, nodes: [name], installer });
  }
  return [...media.values()];
}

/** Links of the factory; none for a machine with an image of its own, of which the factory knows nothing. */
function linksOf(
  { imageFactory: { url }, schematics, versions }: ImageSources,
  node: Node,
  ids: Readonly<Record<string, string>>,
): Partial<BootMedia> {
  const schematic = schematicOf(node);
  const id = schematic === undefined ? undefined : ids[schematic];
  if (schematic === undefined || id === undefined) return {};
  const model = `metal-${node.architecture}${node.secureboot ? '-secureboot' : ''}`;
  const image = `${url}/image/${id}/${versions.talos}/${model}`;
  const diskImage = `${image}.raw.xz`;
  // A single-board computer starts from the disk that the image is written to, and from nothing else.
  if (schematics[schematic]?.overlay !== undefined) return { schematic, id, diskImage };
  return {
    schematic,
    id,
    iso: `${image}.iso`,
    pxe: `${pxeUrlOf(url)}/pxe/${id}/${versions.talos}/${model}`,
    diskImage,
  };
}

/** The media as people read them. */
export function mediaText(media: readonly BootMedia[], talos: string): string {
  return media
    .map(({ schematic, id, architecture, secureboot, nodes, installer, iso, pxe, diskImage }) => {
      const what = schematic === undefined ? 'image of its own' : `schematic ${schematic}`;
      const lines: [string, string | undefined][] = [
        ['nodes', nodes.join(', ')],
        ['id', id],
        ['ISO', iso],
        ['PXE script', pxe],
        ['disk image', diskImage],
        ['installer', installer],
      ];
      const rows = lines.flatMap(([label, value]) => (value === undefined ? [] : [`  ${label.padEnd(11)} ${value}`]));
      return [`${what}, Talos ${talos}, ${architecture}${secureboot ? ', secure boot' : ''}`, ...rows].join('\n');
    })
    .join('\n\n');
}
