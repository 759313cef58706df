import { parseKubeconfig } from '../../lab/agent/kubeconfig';

const text = (current: string): string => `
current-context: ${current}
contexts: [{name: a, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443/", certificate-authority-data: ${Buffer.from('CA').toString('base64')}}}]
users: [{name: u, user: {client-certificate-data: ${Buffer.from('CRT').toString('base64')}, client-key-data: ${Buffer.from('KEY').toString('base64')}}}]
`;

describe('parseKubeconfig', () => {
  test('gives the connection of the active context', () => {
    expect(parseKubeconfig(text('a'))).toEqual({
      server: 'https://127.0.0.1:6443',
      certificateAuthority: 'CA',
      clientCertificate: 'CRT',
      clientKey: 'KEY',
      token: undefined,
    });
  });

  test('says what is missing', () => {
    expect(() => parseKubeconfig(text('b'))).toThrow('the kubeconfig has no context "b" (its current-context)');
    expect(() => parseKubeconfig('')).toThrow('the kubeconfig is empty');
  });

  test('a broken one is not quoted: it holds credentials', () => {
    expect(() => parseKubeconfig('{secret: [')).toThrow(/^the kubeconfig is not YAML$/);
  });
});
