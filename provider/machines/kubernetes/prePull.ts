import { status } from '@grpc/grpc-js';
import { mapConcurrently } from '../../../clients/process/mapConcurrently';
import { TalosClient, talosPort } from '../../../clients/talos/client';
import { TalosError } from '../../../clients/talos/errors';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import { messageOf, UserError } from '../../../clients/userError';
import { imageOf, parseImage } from '../../../cluster/rollout/configurationImages';
import { components } from '../../../cluster/rollout/kubernetesUpgrade';
import type { Operation } from '../../engine/implementation';
import type { ConfiguredMachine } from './machineVersions';

const machinesAtOnce = 4;

/**
 * Lets every machine pull the images of a version before anything changes, so that an image that is not available stops nothing half-way.
 *
 * @throws UserError naming every machine and image that failed
 */
export async function prePull(
  machines: readonly ConfiguredMachine[],
  version: string,
  identity: TalosClientConfiguration,
  { progress }: Operation,
  port = talosPort,
): Promise<void> {
  const failures = await mapConcurrently(machinesAtOnce, machines, async ({ target, configuration }) => {
    const failed: string[] = [];
    const client = TalosClient.secure(target, identity, port);
    try {
      for (const component of components) {
        const image = parseImage(imageOf(configuration, component) ?? '');
        if (image === undefined || image.version === version) continue;
        const reference = `${image.repository}:${version}${image.suffix}`;
        progress.status(`${target.name}: pulling ${reference}`);
        await client.pullImage(component === 'kubelet' ? 'system' : 'cri', reference).catch((error: unknown) => {
          // Only a help: the kubelet pulls what is missing.
          if (error instanceof TalosError && error.code === status.UNIMPLEMENTED) return;
          failed.push(`${target.name}: ${reference}: ${messageOf(error)}`);
        });
      }
      return failed;
    } finally {
      client.close();
    }
  });
  const all = failures.flat();
  if (all.length === 0) return;
  throw new UserError(
    [`images of Kubernetes ${version} cannot be pulled; nothing was changed:`, ...all].join('\n  ') +
      '\nCorrect KUBERNETES_VERSION, or make them available, then run `pulumi up` again.',
  );
}
