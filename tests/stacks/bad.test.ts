import * as pulumi from '@pulumi/pulumi';
import { listClusters } from '../../gitops/clusterSettings';
import { machineSchema } from '../../cluster/machine/machineSchema';
import { secretConfigKeys } from '../../cluster/stackConfig';
import { stackSchema } from '../../cluster/stackSchema';
import { repositoryRoot } from '../../stacks/repositoryRoot';
import { runStack } from '../../stacks/runStack';
import { record } from '../../stacks/mocked/recorder';
import { engineConfigOf, runMocked } from './stackRun';

test('an unknown stack is an error that lists the known ones, and nothing is registered', async () => {
  const recorder = await record({ project: 'k8s-gitops', stack: 'prod' });
  const known = listClusters(repositoryRoot).join(', ');
  await expect(runStack('prod')).rejects.toThrow(
    new pulumi.RunError(
      `stack prod: there is no such cluster, expected one of ${known}; run \`pulumi stack select\`, ` +
        'or add Pulumi.prod.yaml and kubernetes/clusters/prod/',
    ),
  );
  expect(recorder.resources).toEqual([]);
});

test('an invalid configuration is a single error that lists every problem, without a stack trace or secrets', async () => {
  const config = {
    ...engineConfigOf('east'),
    'k8s-gitops:applyMode': 'sometimes',
    'k8s-gitops:nodez': '[]',
    'k8s-gitops:machines': '[broken',
  };
  const error: unknown = await runMocked('east', { config }).catch((reason: unknown) => reason);
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect((error as Error).message).toBe(
    [
      'stack east: 3 problems',
      '  - Pulumi.east.yaml machines: found "[broken", expected an object with ' +
        `${Object.keys(machineSchema.shape).join(', ')}; correct it`,
      '  - Pulumi.east.yaml applyMode: found "sometimes", expected one of auto, no_reboot, staged; correct it',
      '  - Pulumi.east.yaml nodez: found an unknown key, expected one of ' +
        `${[...Object.keys(stackSchema.shape), ...secretConfigKeys].join(', ')}; remove it or correct the spelling`,
    ].join('\n'),
  );
});
