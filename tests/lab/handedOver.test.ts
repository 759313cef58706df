import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { DryRunResult } from '../../lab/dryRun/dryRunCluster';
import type { LabStatus } from '../../lab/commands/status';
import { listStacks } from '../../cluster/stackFile';
import { readState } from '../../lab/state';
import type { LabResult } from '../../lab/up/up';
import { restored, savedInventories, snapshotName } from './base';
import { Checkout, until, type StackResource } from './checkout';
import { inventory } from './inventory';
import { labListeners } from './listeners';

// A restored lab. The tests run in this order and depend on each other; first those that do not mind what Flux does after a start.
const minute = 60_000;
const checkout = new Checkout('handed-over');
const stacks = listStacks(checkout.root);

interface KubeObject {
  kind: string;
  metadata: { name: string };
}

beforeAll(() => restored(checkout), 60 * minute);
afterAll(() => checkout.remove(), 5 * minute);

test(
  'a restored lab has the same namespaces, secrets and pods, and is not replaced while it is running',
  async () => {
    expect(await Promise.all(stacks.map((stack) => inventory(checkout, stack)))).toEqual(savedInventories());
    const { code, stderr } = await checkout.lab('up', '--from', snapshotName);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: the lab is running; stop it with \`npm run lab -- down\` before \`up --from ${snapshotName}\` replaces it\n`,
    );
  },
  2 * minute,
);

test(
  'status and kubectl work from another process',
  async () => {
    const status = JSON.parse(await checkout.must('status', '--json')) as LabStatus;
    expect(status.running).toBe(true);
    expect(status.processes.filter(({ running }) => running === false)).toEqual([]);
    for (const stack of stacks) {
      const objects = await checkout.get<KubeObject>(stack, 'nodes,kustomizations,helmreleases', '-A');
      const kinds = new Set(objects.map(({ kind }) => kind));
      expect([...kinds].sort()).toEqual(['HelmRelease', 'Kustomization', 'Node']);
    }
    const { code, stderr } = await checkout.lab('kubectl', '--cluster', 'none', 'get', 'nodes');
    expect(code).toBe(1);
    expect(stderr).toBe(`error: unknown cluster "none"; the lab has: ${stacks.join(', ')}\n`);
  },
  2 * minute,
);

test('only two webhooks per cluster listen beyond loopback, because their programs have no option for an address', () => {
  const ports = Object.entries(readState(checkout.labDir)?.ports ?? {});
  const listeners = labListeners(checkout.labDir);
  expect(listeners.length).toBeGreaterThan(20);
  const names = listeners
    .filter(({ address }) => !address.startsWith('127.'))
    .map(({ address, port }) => ports.find(([, one]) => one === port)?.[0] ?? `${address}:${port}`);
  expect(names.sort()).toEqual(
    stacks.flatMap((stack) => [`${stack}-cert-manager-webhook`, `${stack}-external-secrets-webhook`]).sort(),
  );
});

test(
  'the API servers accept everything in Git, and the dry run changes nothing',
  async () => {
    const { code, stdout, stderr } = await checkout.lab('dry-run', '--json');
    if (stdout === '') throw new Error(stderr);
    const results = JSON.parse(stdout) as DryRunResult[];
    expect(results.flatMap(({ cluster, refused }) => refused.map((refusal) => ({ cluster, ...refusal })))).toEqual([]);
    expect(results.map(({ cluster }) => cluster).sort()).toEqual([...stacks].sort());
    for (const { cluster, objects } of results) expect([cluster, objects > 0]).toEqual([cluster, true]);
    expect(code).toBe(0);
    for (const stack of stacks) {
      const managers = await checkout.get<{ metadata: { managedFields?: { manager: string }[] } }>(
        stack,
        'namespaces,helmreleases,kustomizations',
        '-A',
        '--show-managed-fields',
      );
      expect(JSON.stringify(managers)).not.toContain('k8s-gitops-dry-run');
    }
  },
  5 * minute,
);

test(
  'every chart renders with our values to objects that match their schemas, without new findings',
  async () => {
    const env = JSON.parse(await checkout.must('env', '--json')) as Record<string, string>;
    const command = ['bin/validate', '--charts', '--json'];
    const { stdout, stderr } = spawnSync(process.execPath, command, {
      cwd: checkout.root,
      env: { ...process.env, ...env },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (stdout === '') throw new Error(stderr);
    const found = JSON.parse(stdout) as { findings: unknown[]; notChecked: { rule: string }[]; objects: number };
    expect(found.findings).toEqual([]);
    // What is left is not in charts: ports of the Services that Flux and Rook make.
    expect(found.notChecked.filter(({ rule }) => rule === 'charts' || rule === 'reference-missing')).toEqual([]);
    expect(stderr).toMatch(/charts: (\d+) of \1 releases rendered to (\d+) objects, \2 of \2 checked by schema/);
  },
  5 * minute,
);

describe('nothing changes', () => {
  const plain = ['preview', '--expect-no-changes'];
  const refreshing = [
    ['preview', '--refresh', '--expect-no-changes'],
    ['refresh', '--preview-only', '--expect-no-changes'],
  ];
  const expectNoChanges = async (stack: string, commands: readonly string[][]): Promise<void> => {
    for (const command of commands) {
      const { code, stdout } = await checkout.lab('pulumi', ...command, '--stack', stack, '--non-interactive');
      if (code !== 0) throw new Error(`pulumi ${command.join(' ')} of ${stack} exited with ${code}:\n${stdout}`);
    }
  };
  const expectNoChangesAnywhere = async (commands: readonly string[][]): Promise<void> => {
    await Promise.all(stacks.map((stack) => expectNoChanges(stack, commands)));
  };

  test('after the handover', () => expectNoChangesAnywhere([plain, ...refreshing]), 15 * minute);

  test(
    'after Flux has upgraded a release from a pushed change',
    async () => {
      const file = 'kubernetes/infrastructure';
      const target = execFileSync('grep', ['-rlE', '^kind: HelmRelease', file], {
        cwd: checkout.root,
        encoding: 'utf8',
      })
        .split('\n')
        .find((name) => name.includes('coredns'));
      if (target === undefined) throw new Error('no HelmRelease of coredns under kubernetes/infrastructure');
      const before = await revisions('coredns');
      const full = path.join(checkout.root, target);
      const text = fs.readFileSync(full, 'utf8');
      fs.writeFileSync(
        full,
        text.replace(/^( {2}values:)$/m, '$1\n    podAnnotations:\n      lab-test/changed: "true"'),
      );
      expect(fs.readFileSync(full, 'utf8')).not.toBe(text);
      // `up` publishes the work tree; Pulumi must not see a change, neither in that nor in what was restored.
      const again = JSON.parse(await checkout.must('up', '--json')) as LabResult;
      for (const stack of stacks) {
        expect(again.clusters[stack]?.secondUp).toEqual({ changes: 0 });
        expect(await lastChanges(stack, 2)).toEqual([['same'], ['same']]);
      }
      await until('Flux upgrades coredns in every cluster', 15 * 60, async () => {
        const now = await revisions('coredns');
        return stacks.every((_, at) => (now[at] ?? 0) > (before[at] ?? 0));
      });
      // A plain preview reads no cluster, so it would say what the one before said.
      await expectNoChangesAnywhere(refreshing);
    },
    40 * minute,
  );

  /** Kinds of operations in the last updates of a stack, the latest first. */
  async function lastChanges(stack: string, updates: number): Promise<string[][]> {
    const history = ['pulumi', 'stack', 'history', '--json', '--page-size', String(updates), '--stack', stack];
    const entries = JSON.parse(await checkout.must(...history)) as { resourceChanges: Record<string, number> }[];
    return entries.map(({ resourceChanges }) => Object.keys(resourceChanges));
  }

  async function revisions(release: string): Promise<number[]> {
    return Promise.all(
      stacks.map(async (stack) => {
        const selector = `owner=helm,name=${release}`;
        const secrets = await checkout.get<KubeObject>(stack, 'secrets', '-A', '-l', selector);
        return Math.max(0, ...secrets.map(({ metadata }) => Number(/\.v(\d+)$/.exec(metadata.name)?.[1] ?? 0)));
      }),
    );
  }
});

test(
  'a second command on the same lab is refused',
  async () => {
    const first = checkout.start('up');
    await until('the lab is locked', 30, () => fs.existsSync(path.join(checkout.labDir, 'lock')));
    const { code, stderr } = await checkout.lab('down');
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: this lab is in use by "lab up" (pid ${first.child.pid}); wait for it, or stop it with Ctrl-C there\n`,
    );
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
  },
  5 * minute,
);

test(
  'after the admin kubeconfig is renewed, up changes nothing in the clusters',
  async () => {
    const objects = await Promise.all(stacks.map((stack) => inventory(checkout, stack)));
    const renewIn = async (stack: string): Promise<void> => {
      const before = await checkout.resources(stack);
      const kubeconfig = before.find(({ type }) => type === 'talos:cluster/kubeconfig:Kubeconfig');
      // Every create of this resource fetches a new certificate, like a renewal.
      const renew = ['--replace', kubeconfig?.urn ?? ''];
      const output = await checkout.must('pulumi', 'up', '--yes', '--skip-preview', '--stack', stack, ...renew);
      const summary = output.slice(output.lastIndexOf('Resources:'));
      expect(summary).toMatch(/\+-1 replaced/);
      expect(summary).not.toMatch(/created|deleted/);
      const provider = (resources: StackResource[]): string | undefined =>
        resources.find(({ type }) => type === 'pulumi:providers:kubernetes')?.id;
      expect(provider(await checkout.resources(stack))).toBe(provider(before));
      await checkout.must('pulumi', 'preview', '--expect-no-changes', '--stack', stack);
    };
    await Promise.all(stacks.map(renewIn));
    expect(await Promise.all(stacks.map((stack) => inventory(checkout, stack)))).toEqual(objects);
  },
  20 * minute,
);
