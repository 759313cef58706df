import * as pulumi from '@pulumi/pulumi';
import * as talos from '@pulumiverse/talos';
import type { ClusterDefinition } from '../../cluster/definition';
import { defaultImageFactory } from '../../cluster/machine/schematicSchema';
import {
  defaultSchematic,
  installerImageOf,
  schematicOf,
  schematicsInUse,
  schematicText,
} from '../../cluster/schematic';
import { schematicId } from '../../cluster/schematicId';
import type { Node } from '../../cluster/stackSchema';

export interface InstallerImagesArgs {
  definition: Pick<ClusterDefinition, 'imageFactory' | 'nodes' | 'schematics' | 'versions'>;
}

/** The Talos installer images of a cluster's machines: one schematic per name in use, built by the image factory. */
export class InstallerImages extends pulumi.ComponentResource {
  /** The id of each schematic in use, by its name. */
  readonly schematicIds: pulumi.Output<Record<string, string>>;
  readonly #definition: InstallerImagesArgs['definition'];

  constructor(name: string, args: InstallerImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    // The former name, with one schematic of the stack's name.
    super(
      'k8s-gitops:talos:InstallerImages',
      name,
      {},
      pulumi.mergeOptions(opts ?? {}, { aliases: [{ type: 'k8s-gitops:talos:InstallerImage' }] }),
    );
    this.#definition = args.definition;
    const { schematics, imageFactory } = args.definition;
    const factory =
      imageFactory.url === defaultImageFactory
        ? undefined
        : new talos.Provider(`${name}-image-factory`, { imageFactoryUrl: imageFactory.url }, { parent: this });
    const ids = schematicsInUse(args.definition).map((schematic) => {
      const described = schematics[schematic];
      if (described === undefined)
        throw new Error(`schematic ${schematic} does not exist although its node passed the checks`);
      const registered = new talos.imageFactory.Schematic(
        `${name}-${schematic}`,
        { schematic: schematicText(described) },
        // The provider cannot update the id in place; without this, the old image would silently remain in use.
        {
          parent: this,
          provider: factory,
          replaceOnChanges: ['schematic'],
          ...(schematic === defaultSchematic && { aliases: [{ name }] }),
        },
      );
      // Known in a preview too, which can then say what happens to the machines. `up` takes what the factory says.
      const id = pulumi.runtime.isDryRun() ? schematicId(schematicText(described)) : registered.id;
      return [schematic, id] as const;
    });
    this.schematicIds = pulumi.output(Object.fromEntries(ids));
    this.registerOutputs({ schematicIds: this.schematicIds });
  }

  /** The id of a node's schematic; undefined if the node has an image of its own. */
  schematicIdOf(node: Node): pulumi.Output<string | undefined> {
    const schematic = schematicOf(node);
    return this.schematicIds.apply((ids) => (schematic === undefined ? undefined : ids[schematic]));
  }

  /** The reference of a node's installer image. */
  urlOf(node: Node): pulumi.Output<string> {
    return this.schematicIds.apply((ids) => installerImageOf(this.#definition, node, ids));
  }
}
