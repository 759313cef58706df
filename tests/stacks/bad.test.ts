import * as pulumi from '@pulumi/pulumi';
import { listClusters } from '../../gitops/clusterSettings';
import { repositoryRoot } from '../../stacks/repositoryRoot';
import { runStack } from '../../stacks/runStack';
import { record } from '../components/recorder';
import { engineConfigOf, runMocked } from './stackRun';

test('an unknown stack is an error that lists the known ones, and nothing is registered', async () => {
  const recorder = await record({ project: 'k8s-gitops', stack: 'prod' });
  const known = listClusters(repositoryRoot).join(', ');
  await expect(runStack('prod')).rejects.toThrow(
    new pulumi.RunError(
      `stack prod: there is no such cluster, expected one of ${known}; run \`pulumi stack select\`, ` +
        'or add stacks/prod.ts and kubernetes/clusters/prod/',
    ),
  );
  expect(recorder.resources).toEqual([]);
});

test('an invalid configuration is a single error that lists every problem, without a stack trace or secrets', async () => {
  const { 'k8s-gitops:applyMode': _left, ...rest } = engineConfigOf('east');
  const config = { ...rest, 'k8s-gitops:nodez': '[]', 'k8s-gitops:network': '[broken' };
  const error: unknown = await runMocked('east', { config }).catch((reason: unknown) => reason);
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect((error as Error).message).toBe(
    [
      'stack east: 3 problems',
      '  - Pulumi.east.yaml network: found "[broken", expected an object with gateway, nameservers, timeservers, mtu, ' +
        'bond, vlan, ethernet; correct it',
      '  - Pulumi.east.yaml applyMode: found nothing, expected one of auto, no_reboot, reboot, staged; add it',
      '  - Pulumi.east.yaml nodez: found an unknown key, expected one of nodes, network, image, applyMode, timeouts, ' +
        'cloudflare, rotations, dialOverrides, connectToken, connectWriteToken, cloudflareApiToken; remove it or correct the spelling',
    ].join('\n'),
  );
});
