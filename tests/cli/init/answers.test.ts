import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAnswers, readAnswers } from '../../../cli/init/answers';
import { answersDocFile, withAnswersTable } from '../../../cli/init/answersDoc';
import { formatProblem } from '../../../cluster/problems';

const folder = mkdtempSync(join(tmpdir(), 'answers-'));
afterAll(() => rmSync(folder, { recursive: true }));

function problemsOf(text: string): string[] {
  const file = join(folder, 'site.yaml');
  writeFileSync(file, text);
  const { values, at } = readAnswers(file);
  return parseAnswers(values, at).problems.map(formatProblem);
}

const valid = `git: { url: https://git.home.example/me/home-ops.git }
onePassword: { host: https://connect.home.example, vault: homelab }
clusters:
  - name: home
    nodes:
      - { name: home-01, address: 192.168.1.11 }
    network: { nodes: 192.168.1.0/24 }
    api: { name: k8s.home.example }
    systems: [core]
`;

test('accepts the least answers', () => {
  expect(problemsOf(valid)).toEqual([]);
});

test('reports every problem with its place', () => {
  const text = valid
    .replace('192.168.1.0/24', '192.168.1.7/24')
    .replace('https://connect', 'http://connect')
    .replace('[core]', 'some')
    .replace('name: homelab', 'vault: homelab')
    .concat('    settings: { BIND_HOST: bind.home.example, BIND_PORT: "53" }\n')
    .concat('    colour: blue\n')
    .concat('remove: infra\n');
  expect(problemsOf(text)).toEqual([
    'site.yaml:2 onePassword.host: found "http://connect.home.example", expected an https:// URL without user and password; correct it',
    'site.yaml:7 clusters[0].network.nodes: found "192.168.1.7/24", expected one or more CIDRs such as 10.0.0.0/16 or fd00:10::/56, separated by commas; correct it',
    'site.yaml:9 clusters[0].systems: found "some", expected all, {without: [...]} or a list of folders of kubernetes/systems; correct it',
    'site.yaml:10 clusters[0].settings.BIND_HOST: found "bind.home.example", expected an IPv4 address; correct it',
    'site.yaml:10 clusters[0].settings.BIND_PORT: found "53", expected the name of a setting in cluster/settingTypes.ts; correct it',
    'site.yaml:11 clusters[0].colour: found an unknown key, expected one of name, nodes, network, api, installDisk, link, mac, extensions, workloadsOnControlPlanes, openebsVolume, cephDisks, loadBalancer, systems, settings; remove it or correct the spelling',
    'site.yaml:12 remove: found "infra", expected a list of clusters; correct it',
  ]);
});

test('never takes a secret: the stack and the vault have them', () => {
  expect(problemsOf(valid.replace('vault: homelab', 'vault: homelab, token: abc'))).toEqual([
    'site.yaml:2 onePassword.token: found an unknown key, expected one of host, vault; remove it or correct the spelling',
  ]);
});

test('names are unique, and a described cluster is not removed', () => {
  const twice = valid
    .replace('      - { name: home-01', '      - { name: home-01, address: 192.168.1.12 }\n      - { name: home-01')
    .concat('remove: [home, infra]\ncloudflare: { account: Home, zoneOwner: hom }\n');
  expect(problemsOf(twice)).toEqual([
    'site.yaml:7 clusters[0].nodes[1].name: found "home-01", expected a name that no other has; change one of them',
    'site.yaml:11 remove[0]: found "home", expected a cluster that the answers do not describe; remove one of the two',
    'site.yaml:12 cloudflare.zoneOwner: found "hom", expected one of home; correct it',
  ]);
  const [head = '', cluster = ''] = valid.split('clusters:\n');
  expect(problemsOf(`${head}clusters:\n${cluster}${cluster}`)).toEqual([
    'site.yaml:10 clusters[1].name: found "home", expected a name that no other has; change one of them',
  ]);
});

test('a static address and a virtual IP need a link, and a static address a router', () => {
  const fixed = valid.replace('192.168.1.0/24 }', '192.168.1.0/24, addressing: static }');
  expect(problemsOf(fixed)).toEqual([
    'site.yaml:7 clusters[0].network.gateway: found nothing, expected an IP address, because the addresses are static; add it',
    'site.yaml:6 clusters[0].nodes[0]: found nothing, expected a link or a mac, because the addresses are static; add it here, or to the cluster for all of its machines',
  ]);
  const virtual = valid.replace('k8s.home.example }', 'k8s.home.example, virtualIp: 192.168.1.10 }');
  expect(problemsOf(virtual)).toEqual([
    'site.yaml:6 clusters[0].nodes[0]: found nothing, expected a link or a mac, because it can hold the virtual IP; add it here, or to the cluster for all of its machines',
  ]);
  expect(problemsOf(virtual.concat('    link: eno1\n'))).toEqual([]);
});

test('a missing file, an empty one and no YAML', () => {
  expect(() => readAnswers(join(folder, 'none.yaml'))).toThrow(
    'none.yaml: does not exist; without --answers, init asks',
  );
  expect(problemsOf('')).toEqual([
    'site.yaml git: found nothing, expected an object with url, branch, credentials; add it',
    'site.yaml onePassword: found nothing, expected an object with host, vault; add it',
    'site.yaml clusters: found nothing, expected at least one cluster; add it',
  ]);
  expect(() => problemsOf('git: [')).toThrow(/^site\.yaml:1: /);
});

test('the table of docs/init.md is up to date; `npm run docs` regenerates it', () => {
  const page = readFileSync(join(__dirname, '..', '..', '..', answersDocFile), 'utf8');
  expect(page).toBe(withAnswersTable(page));
  expect(() => withAnswersTable('# Init\n')).toThrow(new Error('docs/init.md: there is no place for the answers'));
});
