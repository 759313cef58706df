import * as pulumi from '@pulumi/pulumi';
import { engineConfigOf, runMocked } from './stackRun';

jest.mock('../../stacks/helm', () => ({ requireHelm: () => Promise.resolve() }));

test('an unknown stack names the known ones and registers nothing', async () => {
  const run = runMocked('prod', { config: {} });
  await expect(run).rejects.toThrow(
    new pulumi.RunError(
      'stack prod: found no cluster of that name, expected one of apps, infra; run `pulumi stack select`, ' +
        'or add stacks/prod.ts and kubernetes/clusters/prod/',
    ),
  );
});

test('a wrong configuration is one readable error, without stack trace and without secrets', async () => {
  const { 'k8s-gitops:applyMode': _left, ...rest } = engineConfigOf('infra');
  const config = { ...rest, 'k8s-gitops:nodez': '[]', 'k8s-gitops:network': '[broken' };
  const error: unknown = await runMocked('infra', { config }).catch((reason: unknown) => reason);
  expect(pulumi.RunError.isInstance(error)).toBe(true);
  expect((error as Error).message).toBe(
    [
      'stack infra: 3 problems',
      '  - Pulumi.infra.yaml network: found "[broken", expected an object with gateway, nameservers, timeservers, mtu, ' +
        'bond, vlan, ethernet; correct it',
      '  - Pulumi.infra.yaml applyMode: found nothing, expected one of auto, no_reboot, reboot, staged; add it',
      '  - Pulumi.infra.yaml nodez: found an unknown key, expected one of nodes, network, image, applyMode, timeouts, ' +
        'cloudflare, rotations, detours, connectToken, connectWriteToken, cloudflareApiToken; remove it or correct its spelling',
    ].join('\n'),
  );
});
