import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import type { LabCluster } from '../../lab/context';
import { labStackFile, projectDir, writeProject } from '../../lab/up/project';
import { temporaryDir } from './helpers';

const root = temporaryDir();
const labDir = path.join(root, '.lab');
const cluster: LabCluster = { name: 'infra', settings: {}, nodes: [] };
const stack = `# hardware facts
secretsprovider: awskms://somewhere
encryptionsalt: production
config:
  k8s-gitops:applyMode: auto # comment stays
  k8s-gitops:connectToken:
    secure: only-production-can-read-this
  k8s-gitops:nodes:
    - name: infra-01
      role: controlplane
      address: 10.25.11.11
    - { name: infra-02, role: controlplane, address: 10.25.11.12 }
`;

test('adds dial overrides to a stack file, drops what only production can decrypt, and keeps everything else', () => {
  const text = labStackFile(stack, undefined, 'k8s-gitops', { '10.25.11.11': '127.30.11.11' });
  expect(parse(text)).toEqual({
    config: {
      'k8s-gitops:applyMode': 'auto',
      'k8s-gitops:nodes': [
        { name: 'infra-01', role: 'controlplane', address: '10.25.11.11' },
        { name: 'infra-02', role: 'controlplane', address: '10.25.11.12' },
      ],
      'k8s-gitops:dialOverrides': { '10.25.11.11': '127.30.11.11' },
    },
  });
  expect(text).toContain('# comment stays');
});

test('keeps the salt and secrets of the lab’s own file, so that nothing is re-encrypted', () => {
  const before = `encryptionsalt: v1:lab
config:
  k8s-gitops:connectToken:
    secure: v1:lab-token
  k8s-gitops:connectWriteToken:
    secure: v1:lab-write-token
  k8s-gitops:applyMode: reboot
`;
  const result = parse(labStackFile(stack, before, 'k8s-gitops', {}));
  expect(result.encryptionsalt).toBe('v1:lab');
  expect(result.secretsprovider).toBeUndefined();
  expect(result.config['k8s-gitops:connectToken']).toEqual({ secure: 'v1:lab-token' });
  expect(result.config['k8s-gitops:connectWriteToken']).toEqual({ secure: 'v1:lab-write-token' });
  expect(result.config['k8s-gitops:applyMode']).toBe('auto');
});

test('adds the lab’s dial overrides to those of the checkout', () => {
  const own = `${stack}  k8s-gitops:dialOverrides:\n    "10.25.11.9:53": bastion.example:53\n`;
  const { config } = parse(labStackFile(own, undefined, 'k8s-gitops', { '10.25.11.1:53': '127.0.0.1:20001' }));
  expect(config['k8s-gitops:dialOverrides']).toEqual({
    '10.25.11.9:53': 'bastion.example:53',
    '10.25.11.1:53': '127.0.0.1:20001',
  });
});

test('keeps a rotation requested in the lab, unless the checkout requests a later one', () => {
  const rotations = (labels: string[]): string =>
    ['  k8s-gitops:rotations:', ...labels.map((label) => `    ${label}`), ''].join('\n');
  const before = `config:\n${rotations(['tunnel: "2026-02-01"', 'ciliumCa: "2026-02-01.2"'])}`;
  const current = stack + rotations(['tunnel: "2026-01-01"', 'ciliumCa: "2026-03-01"']);
  const { config } = parse(labStackFile(current, before, 'k8s-gitops', {}));
  expect(config['k8s-gitops:rotations']).toEqual({ tunnel: '2026-02-01', ciliumCa: '2026-03-01' });
});

test('the project links to the checkout, copies stack files with mode 0600, and removes stale links', () => {
  fs.writeFileSync(path.join(root, 'Pulumi.yaml'), 'name: k8s-gitops\nruntime: nodejs\n');
  fs.writeFileSync(path.join(root, 'Pulumi.infra.yaml'), stack);
  fs.writeFileSync(path.join(root, 'index.ts'), '');
  fs.writeFileSync(path.join(root, '.hidden'), '');
  fs.mkdirSync(path.join(root, 'provider'));
  writeProject(root, labDir, [cluster], () => ({ '10.25.11.1:53': '127.0.0.1:20001' }));
  const dir = projectDir(labDir);
  expect(fs.readdirSync(dir).sort()).toEqual(['Pulumi.infra.yaml', 'Pulumi.yaml', 'index.ts', 'provider']);
  expect(fs.realpathSync(path.join(dir, 'index.ts'))).toBe(path.join(root, 'index.ts'));
  expect(fs.realpathSync(path.join(dir, 'provider'))).toBe(path.join(root, 'provider'));
  expect(fs.lstatSync(path.join(dir, 'Pulumi.yaml')).isSymbolicLink()).toBe(false);
  expect(fs.statSync(path.join(dir, 'Pulumi.infra.yaml')).mode & 0o777).toBe(0o600);

  fs.rmSync(path.join(root, 'index.ts'));
  fs.writeFileSync(path.join(root, 'main.ts'), '');
  writeProject(root, labDir, [cluster], () => ({ '10.25.11.1:53': '127.0.0.1:20001' }));
  expect(fs.readdirSync(dir).sort()).toEqual(['Pulumi.infra.yaml', 'Pulumi.yaml', 'main.ts', 'provider']);
});
