import * as pulumi from '@pulumi/pulumi';
import { engineConfig } from '../../stacks/engineConfig';
import { record } from '../../stacks/mocked/recorder';

test('parses objects, keeps scalars, and masks the values of secrets', async () => {
  await record({ project: 'k8s-gitops', stack: 'east' });
  pulumi.runtime.setAllConfig(
    {
      'k8s-gitops:applyMode': 'auto',
      'k8s-gitops:nodes': '[{"name":"east-01"}]',
      'k8s-gitops:network': '{broken',
      'k8s-gitops:connectToken': 'hunter2',
      'k8s-gitops:connectWriteToken': '',
      'kubernetes:context': 'x',
      'pulumi:tags': '{}',
    },
    ['k8s-gitops:connectToken', 'k8s-gitops:nodes'],
  );
  expect(engineConfig('east')).toEqual({
    file: 'Pulumi.east.yaml',
    values: {
      applyMode: 'auto',
      nodes: [{ name: 'east-01' }],
      network: '{broken',
      connectToken: 'hidden',
      connectWriteToken: '',
      'kubernetes:context': 'x',
    },
    secretKeys: new Set(['connectToken', 'nodes']),
    readFile: expect.any(Function),
  });
});
