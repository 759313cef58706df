import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { bootstrapKustomizations } from '../../cluster/bootstrapOrder';
import type { FluxSnapshot } from '../../provider/resources/flux/evaluateHandover';
import { publish, type PublishContext } from '../../lab/services/git/publish';
import { gitRemote } from '../../lab/services/git/remote';
import { notRunning } from '../../lab/snapshot/awaitRestored';
import { changedFiles } from '../../lab/snapshot/changedFiles';
import { lostHandover } from '../../lab/snapshot/lostHandover';
import { fileMismatches, keyMismatches } from '../../lab/snapshot/mismatches';
import { buildsTools, partOf } from '../../lab/snapshot/parts';
import { snapshotDir, type SnapshotKey } from '../../lab/snapshot/record';
import { temporaryDir } from './helpers';

const key: SnapshotKey = {
  format: '1.2',
  tools: { etcd: 'aaaa', 'kube-apiserver': 'bbbb' },
  modules: { 'github.com/cilium/cilium': 'v1.18.3 h1:x' },
};

test.each([
  ['kubernetes/apps/a.yaml', 'kubernetes/'],
  ['lab/agent/main.ts', 'lab/'],
  ['sdks/talos/index.js', 'sdks/'],
  ['Pulumi.apps.yaml', 'Pulumi.apps.yaml'],
  ['Pulumi.yaml', 'Pulumi.yaml'],
  ['index.ts', 'index.ts'],
  ['bin/program.js', 'bin/'],
  ['.sourceignore', '.sourceignore'],
  ['package-lock.json', 'package-lock.json'],
  ['lab/README.md', undefined],
  ['lab/cli.ts', undefined],
  ['lab/scan/stores.ts', undefined],
  ['lab/snapshot/save.ts', undefined],
  ['lab/state.ts', 'lab/'],
  ['lab/up/up.ts', 'lab/'],
  ['tests/lab/checkout.ts', undefined],
  ['tools/manifest.ts', undefined],
  ['cli/validate.ts', undefined],
  ['bench/cli.ts', undefined],
  ['docs/bind.md', undefined],
  ['tests/fixtures/Pulumi.apps.yaml', undefined],
])('%s belongs to %s', (file, part) => {
  expect(partOf(file)).toBe(part);
});

test.each([
  ['tools/manifest.ts', true],
  ['tools/modules/helm/go.sum', true],
  ['tools/simulated-machine/main.go', true],
  ['tools/simulated-machine/main_test.go', false],
  ['tools/simulated-machine/README.md', false],
  ['tools/prose/words.yaml', false],
  ['tools/processLock.ts', false],
])('%s builds a tool: %s', (file, expected) => {
  expect(buildsTools(file)).toBe(expected);
});

test('equal keys have no mismatch', () => {
  expect(keyMismatches(key, structuredClone(key))).toEqual([]);
});

test('names every tool and module that differs, is new or is gone', () => {
  const current: SnapshotKey = {
    format: '1.2',
    tools: { 'kube-apiserver': 'cccc', etcd: 'aaaa', kwok: 'dddd' },
    modules: {},
  };
  expect(keyMismatches(key, current)).toEqual([
    'kube-apiserver: taken with key bbbb, this checkout has key cccc',
    'kwok: taken with key none, this checkout has key dddd',
    'module github.com/cilium/cilium: taken with v1.18.3 h1:x, this checkout pins none',
  ]);
});

test('another format is the only mismatch that is reported', () => {
  expect(keyMismatches({ ...key, tools: {} }, { ...key, format: '2.3' })).toEqual([
    'format: the snapshot has 1.2, this checkout reads 2.3',
  ]);
});

test('names the first files of each part, and nothing that does not matter', () => {
  const changed = ['kubernetes/d.yaml', 'tests/a.ts', 'Pulumi.apps.yaml', 'lab/a.ts', 'docs/a.md'];
  expect(fileMismatches([...['a', 'b', 'c'].map((name) => `kubernetes/${name}.yaml`), ...changed])).toEqual([
    'Pulumi.apps.yaml: it has changed since',
    'kubernetes/: changed since: kubernetes/a.yaml, kubernetes/b.yaml, kubernetes/c.yaml and 1 more',
    'lab/: changed since: lab/a.ts',
  ]);
  expect(fileMismatches(['tests/a.ts', 'README.md'])).toEqual([]);
});

test.each(['', '.', '../base', 'a b', 'Base', '-x'])('"%s" is not a name', (name) => {
  expect(() => snapshotDir('/checkout', name)).toThrow(
    new Error(`snapshot name "${name}": expected lower-case letters, digits and hyphens, such as handed-over`),
  );
});

test('a cluster is as it was saved once its agent runs the same programs', () => {
  const program = { name: 'helm-controller', version: '1', real: true, state: 'running' as const, message: 'runs' };
  const status = { cluster: 'apps', description: '', api: 'ready', parts: [program] };
  expect(notRunning(status, ['helm-controller'])).toEqual([]);
  expect(notRunning(undefined, [])).toEqual(['its agent has not reported yet']);
  expect(notRunning({ ...status, api: 'last round failed: 429' }, ['helm-controller'])).toEqual([]);
  const exited = { ...status, parts: [{ ...program, state: 'backing off' as const, message: 'it exited' }] };
  expect(notRunning(exited, ['helm-controller', 'kwok'])).toEqual([
    'helm-controller: it exited',
    'kwok: unknown to the agent',
  ]);
});

describe('lostHandover', () => {
  const commit = 'a'.repeat(40);
  const applied = (name: string): FluxSnapshot['kustomizations'][number] => ({
    metadata: { name },
    // As while Flux reconciles it again.
    status: {
      lastAppliedRevision: `main@sha1:${commit}`,
      conditions: [{ type: 'Ready', status: 'False', reason: 'DependencyNotReady' }],
    },
  });
  const complete: FluxSnapshot = {
    operator: { metadata: { name: 'flux-operator' }, status: { availableReplicas: 1 } },
    instance: { metadata: { name: 'flux' } },
    source: { metadata: { name: 'flux-system' }, status: { artifact: { revision: `main@sha1:${commit}` } } },
    kustomizations: ['flux-system', ...bootstrapKustomizations].map(applied),
    helmReleases: [],
  };

  test('nothing, while Flux reconciles everything again', () => {
    expect(lostHandover(complete, new Set([commit, 'b'.repeat(40)]))).toEqual([]);
  });

  test('what no longer exists, another commit, and what was never applied', () => {
    const [first, second, ...others] = complete.kustomizations;
    const lost: FluxSnapshot = {
      helmReleases: [],
      source: complete.source,
      kustomizations: [...(first === undefined ? [] : [{ ...first, status: {} }]), ...others],
    };
    expect(lostHandover(lost, new Set(['b'.repeat(40), 'c'.repeat(40)]))).toEqual([
      'Deployment flux-operator has no available pod',
      'FluxInstance flux does not exist',
      'GitRepository flux-system is at aaaaaaaaaaaa, expected bbbbbbbbbbbb or cccccccccccc',
      'Kustomization flux-system has not applied any commit',
      `Kustomization ${second?.metadata.name} has not applied any commit`,
    ]);
    expect(lostHandover({ ...complete, source: undefined }, new Set([commit]))).toEqual([
      'GitRepository flux-system is at no commit, expected aaaaaaaaaaaa',
    ]);
  });
});

describe('changedFiles', () => {
  const root = temporaryDir();
  const write = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  };
  const settings = { GIT_URL: 'https://git.example/owner/name.git', GIT_BRANCH: 'main' };
  const ctx: PublishContext = { root, dir: path.join(root, '.lab'), clusters: [{ name: 'apps', nodes: [], settings }] };

  test('lists changed, new and deleted files; not ignored ones, links or what is the same again', () => {
    execFileSync('git', ['init', '--quiet', root]);
    write('.gitignore', '.lab/\n*.log\n');
    write('.gitattributes', '* text=auto eol=lf\n');
    for (const name of ['same', 'dos', 'changed', 'gone', 'folder/täxt', 'restored'])
      write(`${name}.yaml`, `${name}\n`);
    fs.symlinkSync('same.yaml', path.join(root, 'link'));
    const commit = publish(ctx);
    const repository = gitRemote(ctx).dir;
    expect(changedFiles(root, repository, commit)).toEqual([]);
    write('dos.yaml', 'dos\r\n');
    write('changed.yaml', 'other\n');
    write('folder/täxt.yaml', 'other\n');
    write('restored.yaml', 'other\n');
    write('restored.yaml', 'restored\n');
    write('new.yaml', '');
    write('a.log', '');
    fs.rmSync(path.join(root, 'gone.yaml'));
    fs.rmSync(path.join(root, 'link'));
    const objects = fs.readdirSync(path.join(repository, 'objects'), { recursive: true }).length;
    expect(changedFiles(root, repository, commit)).toEqual([
      'changed.yaml',
      'folder/täxt.yaml',
      'gone.yaml',
      'new.yaml',
    ]);
    expect(fs.readdirSync(path.join(repository, 'objects'), { recursive: true })).toHaveLength(objects);
  });
});
