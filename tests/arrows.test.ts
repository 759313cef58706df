import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

const root = join(__dirname, '..');

function sources(room: string): string[] {
  const path = join(root, room);
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name) && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What a source file imports: package names as written, own files as `room/path`. */
function imports(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const names = [...text.matchAll(/(?:from\s+|require\(|import\(|import\s+)'([^']+)'/g)].map((match) => match[1] ?? '');
  return names.map((name) => (name.startsWith('.') ? relative(root, join(dirname(file), name)) : name));
}

const program = ['index.ts', 'stacks', 'cluster', 'gitops', 'components', 'provider'];

function offenders(rooms: string[], forbidden: (name: string) => boolean): string[] {
  return rooms.flatMap((room) =>
    sources(room).flatMap((file) =>
      imports(file)
        .filter(forbidden)
        .map((name) => `${relative(root, file)} imports ${name}`),
    ),
  );
}

const inRoom = (name: string, ...rooms: string[]): boolean => rooms.some((room) => name.split(sep)[0] === room);

describe('data flows one way', () => {
  test('every room of the program is there', () => {
    for (const room of program) expect([room, sources(room).length > 0]).toEqual([room, true]);
  });

  test('the program imports neither the lab nor the commands nor the tools', () => {
    expect(offenders(program, (name) => inRoom(name, 'lab', 'cli', 'tools', 'tests'))).toEqual([]);
  });

  test('gitops is pure: no Pulumi, no child process, no network', () => {
    const impure = (name: string): boolean =>
      /^@pulumi\/|^(node:)?(child_process|http|https|net|tls)$|^undici$/.test(name);
    expect(offenders(['gitops'], impure)).toEqual([]);
    expect(offenders(['gitops'], (name) => inRoom(name, 'cluster', 'components', 'provider', 'stacks'))).toEqual([]);
  });

  test('cluster decides and imports no Pulumi, no component, no provider', () => {
    expect(
      offenders(['cluster'], (name) => /^@pulumi/.test(name) || inRoom(name, 'components', 'provider', 'stacks')),
    ).toEqual([]);
  });

  test('components do not import stacks', () => {
    expect(offenders(['components', 'provider'], (name) => inRoom(name, 'stacks'))).toEqual([]);
  });

  test('no dynamic provider', () => {
    const dynamic = program.flatMap(sources).filter((file) => readFileSync(file, 'utf8').includes('pulumi.dynamic'));
    expect(dynamic).toEqual([]);
  });
});

test('no cluster is named outside stacks/, its config and kubernetes/clusters/', () => {
  const clusters = readdirSync(join(root, 'kubernetes', 'clusters'));
  const named = ['components', 'provider', 'gitops', 'cluster', 'cli', 'lab', 'index.ts'].flatMap((room) =>
    sources(room).flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          clusters.some((cluster) => new RegExp(`['"\`/]${cluster}['"\`/-]`).test(line)) &&
          !/apps\/v1|\/apis\/apps|\/access\/apps/.test(line)
            ? [`${relative(root, file)}:${index + 1}`]
            : [],
        ),
    ),
  );
  expect(named).toEqual([]);
});

test('every cluster folder has a stack and a config, and the reverse', () => {
  const clusters = readdirSync(join(root, 'kubernetes', 'clusters')).sort();
  const stacks = readdirSync(join(root, 'stacks'))
    .map((file) => file.replace(/\.ts$/, ''))
    .filter((name) => existsSync(join(root, `Pulumi.${name}.yaml`)));
  const configs = readdirSync(root).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  expect(stacks.sort()).toEqual(clusters);
  expect(configs.sort()).toEqual(clusters);
});
