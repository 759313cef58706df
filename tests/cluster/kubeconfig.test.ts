import { parse } from 'yaml';
import { apiUrl, withServer } from '../../cluster/kubeconfig';

const kubeconfig = `apiVersion: v1
kind: Config
clusters:
  - name: east
    cluster:
      server: https://east-k8s.example.org:6443
      certificate-authority-data: Q0E=
users:
  - name: admin@east
    user:
      client-key-data: S0VZ
`;

const noClusters =
  'the kubeconfig returned by the machine has no clusters; ' +
  "fetch it again: pulumi up --replace '**talos:cluster/kubeconfig:Kubeconfig**'";

test.each([
  ['10.25.11.11', 'https://10.25.11.11:6443'],
  ['fd00::1', 'https://[fd00::1]:6443'],
  ['east-k8s.example.org', 'https://east-k8s.example.org:6443'],
])('the API of %s is at %s', (host, url) => {
  expect(apiUrl(host)).toBe(url);
});

test('only the server changes', () => {
  const changed = withServer(kubeconfig, 'https://127.25.11.11:6443');
  expect(changed).toBe(kubeconfig.replace('https://east-k8s.example.org:6443', 'https://127.25.11.11:6443'));
  expect(withServer(changed, 'https://127.25.11.11:6443')).toBe(changed);
});

test('the server of every cluster changes', () => {
  const two = 'clusters: [{name: a, cluster: {server: x}}, {name: b, cluster: {}}]';
  expect(parse(withServer(two, 'y'))).toEqual({
    clusters: [
      { name: 'a', cluster: { server: 'y' } },
      { name: 'b', cluster: { server: 'y' } },
    ],
  });
});

test.each([
  ['', noClusters],
  ['clusters: []', noClusters],
  ['{secret: [', noClusters],
  ['clusters: [{name: a}]', 'the kubeconfig returned by the machine has a cluster without settings'],
])('%j is rejected, and the message does not quote it', (text, message) => {
  expect(() => withServer(text, 'y')).toThrow(new Error(message));
});
