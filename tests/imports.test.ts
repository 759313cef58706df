import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(__dirname, '..');

function sources(room: string): string[] {
  const path = join(root, room);
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Violations that dependency-cruiser reports below a folder, as `rule: from → to`. */
function violations(cwd: string, folders: string[]): string[] {
  const config = join(root, '.dependency-cruiser.cjs');
  const cli = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [cli, '--config', config, '--output-type', 'json', '--no-progress', ...folders],
    { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (stdout === '') throw new Error(stderr);
  const { summary } = JSON.parse(stdout) as {
    summary: { totalCruised: number; violations: { from: string; to: string; rule: { name: string } }[] };
  };
  if (summary.totalCruised === 0) throw new Error(`nothing to cruise in ${cwd}`);
  return summary.violations
    .map(({ from, to, rule }) => {
      // A package is named by its folder.
      const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(to) ?? [];
      return `${rule.name}: ${from} → ${name ?? to}`;
    })
    .sort();
}

const rooms = [
  'lab',
  'bench',
  'cli',
  'index.ts',
  'stacks',
  'components',
  'provider',
  'clients',
  'cluster',
  'gitops',
  'net',
];

describe('imports', () => {
  test('between rooms go in one direction only, without cycles', () => {
    expect(violations(root, [...rooms, 'tools'])).toEqual([]);
  }, 60_000);

  test('against the order, in a cycle or of network modules are reported', () => {
    expect(violations(join(root, 'tests', 'fixtures', 'imports'), ['.'])).toEqual([
      'clients-independent-of-clusters: clients/git/git.ts → cluster/a.ts',
      'clients-independent-of-clusters: clients/git/pulumi.ts → @pulumi/pulumi',
      'decisions-without-pulumi: cluster/pulumi.ts → @pulumi/pulumi',
      'gitops-is-pure: gitops/fetch.ts → http',
      'gitops-is-pure: gitops/packages.ts → child_process',
      'gitops-is-pure: gitops/packages.ts → execa',
      'gitops-is-pure: gitops/packages.ts → undici',
      'no-circular: cluster/a.ts → cluster/b.ts',
      'no-import-upward-from-net: net/upward.ts → gitops/fetch.ts',
      'program-without-tools-and-tests: provider/engine/engine.ts → tools/build.ts',
      'program-without-tools-and-tests: provider/engine/helped.ts → tests/helper.ts',
    ]);
  }, 60_000);

  test('of the program are never serialized, because it has no dynamic provider', () => {
    const program = rooms.slice(rooms.indexOf('index.ts'));
    const dynamic = program.flatMap(sources).filter((file) => readFileSync(file, 'utf8').includes('pulumi.dynamic'));
    expect(dynamic).toEqual([]);
  });
});

test('no cluster name appears outside stacks/, stack files and kubernetes/clusters/', () => {
  const clusters = readdirSync(join(root, 'kubernetes', 'clusters'));
  const named = rooms
    .filter((room) => room !== 'stacks')
    .flatMap((room) =>
      sources(room).flatMap((file) =>
        readFileSync(file, 'utf8')
          .split('\n')
          .flatMap((line, index) =>
            clusters.some((cluster) => new RegExp(`['"\`/]${cluster}['"\`/-]`).test(line)) &&
            !/apps\/(v1|\*|[A-Z])|\/apis\/apps|\/access\/apps/.test(line)
              ? [`${relative(root, file)}:${index + 1}`]
              : [],
          ),
      ),
    );
  expect(named).toEqual([]);
});

test('every cluster folder has a stack file, and vice versa', () => {
  const clusters = readdirSync(join(root, 'kubernetes', 'clusters')).sort();
  const configs = readdirSync(root).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  expect(configs.sort()).toEqual(clusters);
});
