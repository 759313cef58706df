import { talosPort } from '../../../clients/talos/client';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import { imageOf, parseImage } from '../../../cluster/rollout/configurationImages';
import { type Component, components, type MachineVersions } from '../../../cluster/rollout/kubernetesUpgrade';
import type { MachineTarget } from '../target';
import { withMachine } from '../withMachine';

/** A machine with its versions and the configuration that it runs with. Secret. */
export interface ConfiguredMachine {
  target: MachineTarget;
  versions: MachineVersions;
  configuration: string;
}

/**
 * Reads the versions of a machine from its running configuration.
 *
 * @throws TalosError if it does not answer; Error for an image whose tag is not a version
 */
export async function readVersions(
  target: MachineTarget,
  identity: TalosClientConfiguration,
  { deadlineSeconds = 10, port = talosPort } = {},
): Promise<ConfiguredMachine> {
  return withMachine(target, identity, port, async (client, resources) => {
    const [version, { active = '' }] = await Promise.all([
      client.version(deadlineSeconds),
      resources.configurations(deadlineSeconds),
    ]);
    return {
      target,
      versions: { node: target.name, talos: version.tag, components: versionsIn(active) },
      configuration: active,
    };
  });
}

/** The versions of the components in a machine configuration. */
export function versionsIn(configuration: string): MachineVersions['components'] {
  const found: Partial<Record<Component, string>> = {};
  for (const component of components) {
    const image = imageOf(configuration, component);
    if (image === undefined) continue;
    const parts = parseImage(image);
    if (parts === undefined) {
      throw new Error(
        `the image of ${component}, ${image}, has no tag that is a version; correct it in the stack's patches`,
      );
    }
    found[component] = parts.version;
  }
  return found;
}
