import { spawnSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listClusters } from '../../gitops/clusterSettings';
import { Checkout } from '../lab/checkout';

// A site leaves out every system but the core; upstream changes every file of those systems.
const checkout = new Checkout('upstream');
afterAll(() => checkout.remove());

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
  const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], { cwd: checkout.root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

const listOf = (cluster: string): string => join('kubernetes', 'clusters', cluster, 'kustomization.yaml');
const optional = /^ *- \.\.\/\.\.\/systems\/(?!core$)(\S+)\n/gm;

test('what upstream changes in systems that a site has left out merges without a conflict, and they stay left out', () => {
  git('add', '--all');
  git('commit', '--quiet', '--message', 'upstream');
  git('switch', '--quiet', '--create', 'site');
  const left = new Set<string>();
  for (const cluster of listClusters(checkout.root)) {
    const file = join(checkout.root, listOf(cluster));
    const text = readFileSync(file, 'utf8');
    for (const [, system = ''] of text.matchAll(optional)) left.add(system);
    writeFileSync(file, text.replaceAll(optional, ''));
  }
  expect(left.size).toBeGreaterThan(5);
  git('commit', '--quiet', '--all', '--message', 'leave out');

  git('switch', '--quiet', '-');
  for (const system of left) {
    const folder = join(checkout.root, 'kubernetes', 'systems', system);
    for (const name of readdirSync(folder)) appendFileSync(join(folder, name), '# changed upstream\n');
    const paths = readFileSync(join(folder, 'ks.yaml'), 'utf8').matchAll(/^ {2}path: \.\/(\S+)$/gm);
    for (const [, path = ''] of paths) {
      // What is generated for each cluster is not upstream's.
      if (path.startsWith('kubernetes/clusters/')) continue;
      for (const name of readdirSync(join(checkout.root, path)).filter((file) => file.endsWith('.yaml')))
        appendFileSync(join(checkout.root, path, name), '# changed upstream\n');
    }
  }
  git('commit', '--quiet', '--all', '--message', 'change the systems');

  git('switch', '--quiet', 'site');
  const merged = git('merge', '--no-edit', '-');
  expect(merged).not.toContain('CONFLICT');
  for (const cluster of listClusters(checkout.root))
    expect([...readFileSync(join(checkout.root, listOf(cluster)), 'utf8').matchAll(optional)]).toEqual([]);
});
