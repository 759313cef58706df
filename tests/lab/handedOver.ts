import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { coreReleases } from '../../cluster/bootstrapOrder';
import { renderAll } from '../../gitops/render/renderAll';
import type { LabResult } from '../../lab/up/up';
import { hasCommit, type Checkout } from './checkout';

const core: readonly string[] = coreReleases;

/** Registers the tests of what `up` reports after the handover; `result` waits for it. */
export function handedOver(checkout: Checkout, stacks: readonly string[], result: () => Promise<LabResult>): void {
  test.each(stacks)(
    '%s: nodes, kustomizations and releases are ready, Flux owns the releases, nothing restarted',
    async (name) => {
      const cluster = (await result()).clusters[name];
      if (cluster === undefined) throw new Error(`no result for ${name}`);
      expect(cluster.nodes).toEqual({ ready: 3, total: 3 });
      // All that Git declares, also those of tenants, and the root that flux-instance creates.
      const total = renderAll(checkout.root, name).kustomizations.length;
      expect(cluster.kustomizations).toEqual({ ready: total, total });
      expect(Object.keys(cluster.phasesSeconds)).toEqual(expect.arrayContaining(['talos', 'crds', 'core', 'handover']));
      const owners = new Map(cluster.releases.map(({ name: release, ownedBy }) => [release, ownedBy]));
      expect(core.filter((release) => owners.get(release) !== 'flux')).toEqual([]);
      const installers = new Map(cluster.releases.map(({ name: release, installedBy }) => [release, installedBy]));
      expect(core.filter((release) => installers.get(release) !== 'pulumi')).toEqual([]);
      expect(cluster.secondUp).toEqual({ changes: 0 });
      expect(cluster.pods).toEqual({ recreatedByHandover: 0 });
    },
  );

  test.each(stacks)('%s: handed over at the tip of the lab’s Git, whose tree matches the checkout', async (name) => {
    const revision = /[0-9a-f]{40}$/.exec((await result()).clusters[name]?.handover.revision ?? '')?.[0];
    if (revision === undefined) throw new Error('the handover has no commit');
    const bare = gitDirs(path.join(checkout.labDir, 'git'));
    const dir = bare.find((candidate) => hasCommit(revision, candidate));
    if (dir === undefined) throw new Error(`no repository of the lab has commit ${revision}`);
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: dir, encoding: 'utf8' });
    expect(git('rev-parse', 'refs/heads/main').trim()).toBe(revision);
    for (const file of git('ls-tree', '-r', '--name-only', revision, 'kubernetes/').trim().split('\n')) {
      const served = execFileSync('git', ['show', `${revision}:${file}`], { cwd: dir });
      expect(served.equals(fs.readFileSync(path.join(checkout.root, file)))).toBe(true);
    }
  });

  test('stand-ins are labelled as such, and the product’s processes are real', async () => {
    const real = new Map((await result()).processes.map(({ name, real: isReal }) => [name, isReal]));
    for (const name of ['pulumi', 'helm', 'etcd', 'kube-apiserver'])
      expect([name, real.get(name)]).toEqual([name, true]);
    for (const name of ['pulumi-language-nodejs', 'pulumi-resource-talos']) {
      expect([name, real.get(name)]).toEqual([name, false]);
    }
  });
}

function gitDirs(dir: string): string[] {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(dir, entry.name);
    if (!entry.isDirectory()) return [];
    return entry.name.endsWith('.git') ? [full] : gitDirs(full);
  });
}
