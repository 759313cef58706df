import * as pulumi from '@pulumi/pulumi';
import * as talos from '@pulumiverse/talos';
import type { ClusterDefinition } from '../../cluster/definition';
import { installerImage, schematicText } from '../../cluster/schematic';

export interface InstallerImageArgs {
  definition: Pick<ClusterDefinition, 'image' | 'versions'>;
}

/** The Talos installer image with the cluster's kernel arguments and extensions, built by the image factory. */
export class InstallerImage extends pulumi.ComponentResource {
  /** The installer's image reference. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: InstallerImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:talos:InstallerImage', name, {}, opts);
    const { image, versions } = args.definition;
    const schematic = new talos.imageFactory.Schematic(
      name,
      { schematic: schematicText(image) },
      // The provider cannot update the id in place; without this, the old image would silently remain in use.
      { parent: this, replaceOnChanges: ['schematic'] },
    );
    this.url = schematic.id.apply((id) => installerImage(id, versions.talos));
    this.registerOutputs({ url: this.url });
  }
}
