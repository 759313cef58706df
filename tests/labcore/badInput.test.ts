import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { secretConfigKeys } from '../../cluster/stackConfig';
import { stackSchema } from '../../cluster/stackSchema';
import { Checkout, type Ended } from '../lab/checkout';
import { temporaryDir } from './helpers';

const empty = temporaryDir();
const checkout = new Checkout('bad-input');
afterAll(() => checkout.remove());
// For the copy, and for a command that is stopped if the lab starts regardless.
jest.setTimeout(30_000);

const stackFile = 'Pulumi.infra.yaml';
const settingsFile = 'kubernetes/clusters/infra/cluster-settings.yaml';
const settingsLines = fs.readFileSync(path.join(checkout.root, settingsFile), 'utf8').split('\n');
const nodeCidrLine = settingsLines.findIndex((line) => line.startsWith('  NODE_CIDR: ')) + 1;
const nodeCidr = settingsLines[nodeCidrLine - 1]?.replace('  NODE_CIDR: ', '');
const podCidr = settingsLines.find((line) => line.startsWith('  POD_CIDR: '));
const stackLines = fs.readFileSync(path.join(checkout.root, stackFile), 'utf8').split('\n');
const applyModeLine = stackLines.findIndex((line) => line.includes('applyMode: auto')) + 1;
const [, secondNode = ''] = stackLines.filter((line) => line.includes(' address: '));
const secondAddress = secondNode.trim();
const secondAddressLine = stackLines.indexOf(secondNode) + 1;

/** Runs `npm run lab` with additional environment variables. */
function up(env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', path.join(checkout.root, 'lab', 'cli.ts'), 'up'], {
      cwd: checkout.root,
      env: { ...process.env, ...env },
      timeout: 20_000,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** All processes that were started from the checkout or have their working directory in it. */
function processesOfCheckout(): string[] {
  return fs.readdirSync('/proc').filter((pid) => {
    try {
      const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return /^\d+$/.test(pid) && (command + fs.readlinkSync(`/proc/${pid}/cwd`)).includes(checkout.root);
    } catch {
      return false;
    }
  });
}

/** The files and folders of the checkout outside `node_modules` and `.git`. */
function filesOfCheckout(): string[] {
  // Reading the whole checkout recursively would follow the link to node_modules.
  const top = fs.readdirSync(checkout.root).filter((name) => name !== 'node_modules' && name !== '.git');
  return top.flatMap((name) => {
    const target = path.join(checkout.root, name);
    if (!fs.statSync(target).isDirectory()) return [name];
    const inside = fs.readdirSync(target, { recursive: true, encoding: 'utf8' });
    return [name, ...inside.map((file) => path.join(name, file))];
  });
}

async function expectRefusal(message: string, env?: NodeJS.ProcessEnv): Promise<void> {
  const before = filesOfCheckout();
  expect(await up(env)).toEqual({ code: 1, stdout: '', stderr: `error: ${message}\n` });
  expect(filesOfCheckout()).toEqual(before);
  expect(processesOfCheckout()).toEqual([]);
}

/** Breaks a file for one run. */
async function withEdit(file: string, from: string, to: string, message: string): Promise<void> {
  const target = path.join(checkout.root, file);
  const text = fs.readFileSync(target, 'utf8');
  expect(text).toContain(from);
  fs.writeFileSync(target, text.replace(from, to));
  try {
    await expectRefusal(message);
  } finally {
    fs.writeFileSync(target, text);
  }
}

/** A PATH with only those programs. */
function pathWith(name: string, programs: Record<string, string>): string {
  const folder = path.join(empty, name);
  fs.mkdirSync(folder);
  for (const [program, script] of Object.entries(programs)) {
    fs.writeFileSync(path.join(folder, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return folder;
}

test.each([
  [
    'wrong stack key',
    stackFile,
    'k8s-gitops:applyMode: auto',
    'k8s-gitops:applyMode: sometimes',
    `stack infra: 1 problem\n  - Pulumi.infra.yaml:${applyModeLine} applyMode: found "sometimes", expected one of auto, ` +
      'no_reboot, staged; correct it',
  ],
  [
    'unknown key',
    stackFile,
    'k8s-gitops:applyMode: auto',
    'k8s-gitops:applyMode: auto\n  k8s-gitops:aplyMode: auto',
    `stack infra: 1 problem\n  - Pulumi.infra.yaml:${applyModeLine + 1} aplyMode: found an unknown key, expected one of ` +
      `${[...Object.keys(stackSchema.shape), ...secretConfigKeys].join(', ')}; remove it or correct the spelling`,
  ],
  [
    'address outside its subnet',
    stackFile,
    secondAddress,
    'address: 192.0.2.12',
    `stack infra: 1 problem\n  - Pulumi.infra.yaml:${secondAddressLine} nodes[1].address: found "192.0.2.12", expected a host ` +
      `address in NODE_CIDR ${nodeCidr}; correct it, or ${settingsFile}:${nodeCidrLine} NODE_CIDR`,
  ],
  [
    'missing setting',
    settingsFile,
    `${podCidr}\n`,
    '',
    'stack infra: 1 problem\n  - kubernetes/clusters/infra/cluster-settings.yaml POD_CIDR: found nothing, expected one or ' +
      'more CIDRs such as 10.0.0.0/16 or fd00:10::/56, separated by commas; add it',
  ],
  [
    'unresolved variable',
    'kubernetes/infrastructure/networking/cilium/helmrelease.yaml',
    '${CLUSTER}',
    '${NO_SUCH_SETTING}',
    ['apps', 'infra']
      .map(
        (cluster) =>
          `stack ${cluster}: 1 problem\n  - kubernetes/clusters/${cluster}/cluster-settings.yaml NO_SUCH_SETTING: found nothing, ` +
          'expected a setting, used by cilium (kubernetes/infrastructure/networking/cilium/helmrelease.yaml:20); ' +
          'add it and its type in cluster/settingTypes.ts, or correct the spelling there',
      )
      .join('\n'),
  ],
])('%s', async (_what, file, from, to, message) => withEdit(file, from, to, message));

test('no git', () =>
  expectRefusal(
    'git: not found on PATH (the lab uses it to serve the checkout to Flux); install it with your package manager, or from ' +
      'https://git-scm.com/downloads',
    { PATH: pathWith('no-git', { go: 'echo go version go1.26.0 linux/amd64' }) },
  ));

test('no Go, but tools to build', () =>
  expectRefusal(
    'go: not found on PATH (pinned tools must be built with it); install Go 1.26 or later (https://go.dev/dl, or ' +
      '`mise install`)',
    { PATH: pathWith('no-go', { git: 'echo git version 2.39.5' }), XDG_CACHE_HOME: empty },
  ));

test('reports an outdated git and an outdated Go together', () =>
  expectRefusal(
    'git: found 2.20.1, expected at least 2.30 (the lab uses it to serve the checkout to Flux); install it with your package ' +
      'manager, or from https://git-scm.com/downloads\ngo: found 1.19.4, expected at least 1.21 (pinned tools must be ' +
      'built with it); install Go 1.26 or later (https://go.dev/dl, or `mise install`)',
    {
      PATH: pathWith('old', { git: 'echo git version 2.20.1', go: 'echo go version go1.19.4 linux/amd64' }),
      XDG_CACHE_HOME: empty,
    },
  ));

test('another process uses a port of a lab that was down', async () => {
  const prefix = '127.253';
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(6443, `${prefix}.11.12`, resolve));
  const state = { format: 2, prefix, ports: {}, ha: false, plugins: 'standin', clusters: [], parts: [], tools: {} };
  fs.mkdirSync(checkout.labDir);
  fs.writeFileSync(path.join(checkout.labDir, 'state.json'), JSON.stringify(state));
  try {
    await expectRefusal(
      `this lab's machines are at ${prefix}.*, but ${prefix}.11.12:6443 is in use; stop the process that listens there ` +
        '(`ss -ltnp`), or run `npm run lab -- reset` for a new lab at other addresses',
    );
    expect(JSON.parse(fs.readFileSync(path.join(checkout.labDir, 'state.json'), 'utf8'))).toEqual(state);
  } finally {
    fs.rmSync(checkout.labDir, { recursive: true });
    await new Promise((resolve) => server.close(resolve));
  }
});
