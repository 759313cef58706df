import { parse } from 'yaml';
import { refusedRules, tunnelRefused } from '../../../gitops/checks/tunnels';
import type { Json } from '../../../gitops/kubernetesObject';
import { findingsOf, handTree } from './handTree';
import { release } from './releaseTree';

const refused = (rules: string): string[] => refusedRules(parse(rules) as Json).map(({ what }) => what);
const last = '{service: "http_status:404"}';

test.each([
  `[${last}]`,
  `[{hostname: "*.a.b", service: "https://x.y.svc.cluster.local:443"}, ${last}]`,
  `[{hostname: a.b, path: "^/x", service: "http://[::1]:80"}, {path: /y, service: hello_world}, ${last}]`,
  '[{hostname: a.b, service: "unix:/run/s"}, {hostname: "*", service: "tcp://x:22"}]',
  `[{hostname: a.b, service: "http://x:80?a"}, ${last}]`,
])('%s', (rules) => expect(refused(rules)).toEqual([]));

test.each([
  ['[]', 'has no ingress rules'],
  [
    '[{hostname: a.b, service: "http://x"}]',
    'ends with the ingress rule 1 for a.b, which does not match every request',
  ],
  ['[{path: /x, service: "http://x"}]', 'ends with the ingress rule 1, which does not match every request'],
  [`[{service: "http://x"}, ${last}]`, 'has a catch-all as ingress rule 1, before others that are never reached'],
  [
    `[{hostname: a.*.b, service: "http://x"}, ${last}]`,
    'has an ingress rule 1 for a.*.b with a wildcard that is not its first label',
  ],
  [`[{hostname: "a.b:443", service: "http://x"}, ${last}]`, 'has an ingress rule 1 for a.b:443 with a port'],
  [
    `[{hostname: a.b, service: x}, ${last}]`,
    'has an ingress rule 1 for a.b whose service x is not a URL with a scheme and a host',
  ],
  [
    `[{hostname: a.b, service: "http://x/y"}, ${last}]`,
    'has an ingress rule 1 for a.b whose service http://x/y has a path, but the path is that of the request',
  ],
  [`[{hostname: a.b}, ${last}]`, 'has an ingress rule 1 for a.b whose service is missing'],
  ['[{service: "http_status:40"}]', 'has an ingress rule 1 whose service http_status:40 is not an HTTP status'],
])('%s is refused', (rules, what) => expect(refused(rules)).toEqual([what]));

const workload = (image: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: t, namespace: a}\nspec: {template: {spec: {containers: [{name: c, image: ${image}}], volumes: [{name: c, configMap: {name: c}}]}}}\n---\n`;
const config = (text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: a}\ndata:\n  config.yaml: |\n${text.replace(/^/gm, '    ')}\n`;

test('finds the file that cloudflared reads', () => {
  const found = (image: string, text: string): string[] =>
    findingsOf(tunnelRefused, handTree([{ name: 'flux-system', files: { 't.yaml': workload(image) + config(text) } }]));
  const bad = 'ingress:\n  - service: nothing';
  expect(found('docker.io/cloudflare/cloudflared:2025.10.0', bad)).toEqual([
    't.yaml:11 has an ingress rule 1 whose service nothing is not a URL with a scheme and a host',
  ]);
  expect(found('example.org/other:1', bad)).toEqual([]);
  expect(found('cloudflare/cloudflared', 'a: [')).toEqual([
    't.yaml:10 has a configuration of cloudflared that is not YAML',
  ]);
  expect(found('cloudflare/cloudflared', 'tunnel: x')).toEqual([]);
});

test('finds it in the values of a chart', () => {
  const values = (image: string, text: string): string =>
    release(
      `{values: {c: {image: {repository: ${image}}}, configMaps: {x: {data: {config.yaml: ${JSON.stringify(text)}}}}}}`,
    );
  const found = (...parts: [string, string]): string[] =>
    findingsOf(tunnelRefused, handTree([{ name: 'flux-system', files: { 'r.yaml': values(...parts) } }]));
  expect(found('cloudflare/cloudflared', 'ingress: [{hostname: a.b, service: "http://x"}]')).toHaveLength(1);
  expect(found('cloudflare/cloudflared', 'ingress: [{service: "{{ .Values.x }}"}]')).toEqual([]);
  expect(found('example.org/other', 'ingress: [{hostname: a.b, service: "http://x"}]')).toEqual([]);
});
