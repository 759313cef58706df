import { failedWith } from '../../../cli/preflight/checkResult';
import { cliProblem } from '../../../cli/stack/readStack';
import { stackConfigOf } from '../../../cli/stack/stackConfigOf';

describe('the configuration that the CLI prints', () => {
  const shown = {
    'k8s-gitops:applyMode': { value: 'auto', secret: false },
    'k8s-gitops:nodes': { value: '[]', objectValue: [{ name: 'a' }], secret: false },
    'k8s-gitops:connectToken': { value: 'reads', secret: true },
    'k8s-gitops:connectWriteToken': { value: 'writes', secret: true },
    'k8s-gitops:cloudflare': { value: '{}', objectValue: { account: 'a' }, secret: false },
    'other:key': { value: 'x', secret: false },
    'pulumi:tags': { value: 'x', secret: false },
  };
  const read = (env: NodeJS.ProcessEnv, config: typeof shown | object = shown) =>
    stackConfigOf(config as typeof shown, { stack: 'east', project: 'k8s-gitops', folder: '.', env });

  test('separates values and secrets', () => {
    expect(read({ CLOUDFLARE_API_TOKEN: 'cloudflare', OP_CONNECT_TOKEN: 'not this one' })).toEqual({
      source: {
        file: 'Pulumi.east.yaml',
        values: {
          applyMode: 'auto',
          nodes: [{ name: 'a' }],
          connectToken: 'hidden',
          connectWriteToken: 'hidden',
          cloudflare: { account: 'a' },
          'other:key': 'x',
          cloudflareApiToken: 'hidden',
        },
        secretKeys: new Set(['connectToken', 'connectWriteToken', 'cloudflareApiToken']),
        readFile: expect.any(Function),
      },
      secrets: { connectToken: 'reads', connectWriteToken: 'writes', cloudflareApiToken: 'cloudflare' },
    });
  });

  test('a token of Cloudflare in the environment is for something else if the stack has no section', () => {
    const { 'k8s-gitops:cloudflare': _, ...without } = shown;
    const { source, secrets } = read({ CLOUDFLARE_API_TOKEN: 'cloudflare' }, without);
    expect(source.values).not.toHaveProperty('cloudflareApiToken');
    expect(secrets.cloudflareApiToken).toBe('');
  });

  test('omits a missing secret, and does not count a plain-text one as a secret', () => {
    const { source, secrets } = read({}, { 'k8s-gitops:connectToken': { value: 'reads', secret: false } });
    expect(source.values).toEqual({ connectToken: 'hidden' });
    expect([...source.secretKeys]).toEqual([]);
    expect(secrets).toEqual({ connectToken: 'reads', connectWriteToken: '', cloudflareApiToken: '' });
  });
});

test.each([
  ["error: no stack named 'east' found", "pulumi config: no stack named 'east' found", 'run: pulumi stack init east'],
  [
    'error: incorrect passphrase',
    'pulumi config: incorrect passphrase',
    'set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE',
  ],
  ['', 'pulumi config: failed without output', 'run it by hand: pulumi stack select east'],
])('the CLI fails with %j', (stderr, why, fix) => {
  const result = failedWith({ id: 'i', what: 'w' }, new Error(cliProblem('east', 'pulumi config', stderr)), 'default');
  expect([result.why, result.fix]).toEqual([why, fix]);
});
