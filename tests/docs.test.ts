import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { listStacks } from '../cluster/stackFile';

const root = join(__dirname, '..');
const rooms = [
  'bin',
  'bench',
  'cli',
  'clients',
  'cluster',
  'components',
  'docs',
  'gitops',
  'kubernetes',
  'lab',
  'net',
  'provider',
  'sdks',
  'stacks',
  'tests',
  'tools',
];
const pages = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...rooms.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .map((file) => join(room, file))
      .filter((file) => file.endsWith('.md') && !/node_modules|^tests\/fixtures/.test(file)),
  ),
];

/** Links to files, and `paths` that look like files of this repository. Paths are relative to its root. */
function references(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replace(/```[\s\S]*?```/g, '');
  const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => relative(root, join(root, dirname(page), target)));
  const paths = [...text.matchAll(new RegExp(`\`((?:${rooms.join('|')})/[A-Za-z0-9_./-]+\\.[a-z]+)\``, 'g'))].map(
    (match) => match[1] ?? '',
  );
  return [...links, ...paths];
}

test.each(pages)('%s has no dead link', (page) => {
  const dead = references(page).filter((target) => !existsSync(join(root, target)));
  expect(dead).toEqual([]);
});

test('the architecture trace refers to files', () => {
  expect(references('docs/architecture-trace.md')).not.toEqual([]);
});

test.each(pages)('%s mentions only npm scripts that exist', (page) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const text = readFileSync(join(root, page), 'utf8');
  const mentioned = [...text.matchAll(/npm run (?:-s )?([a-z]+(?::[a-z]+)*)/g)].map((match) => match[1] ?? '');
  expect(mentioned.filter((name) => !(name in scripts))).toEqual([]);
});

test('docs/README.md lists every page', () => {
  const all = readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md') && file !== 'README.md');
  const listed = references('docs/README.md');
  expect(all.filter((file) => !listed.includes(`docs/${file}`))).toEqual([]);
});

/** What only one site has: its domains, addresses and accounts, as its settings and stack files say. */
function siteFacts(): string[] {
  return listStacks(root).flatMap((cluster) => {
    const settings = readFileSync(join(root, `kubernetes/clusters/${cluster}/cluster-settings.yaml`), 'utf8');
    const stack = readFileSync(join(root, `Pulumi.${cluster}.yaml`), 'utf8');
    const values = (text: string, key: RegExp): string[] =>
      [...text.matchAll(new RegExp(`^ *(?:- )?${key.source}: "?([^"\\s]+)`, 'gm'))].map((match) => match.at(-1) ?? '');
    const hosts = values(settings, /(?:ONEPASSWORD_CONNECT_HOST)/).map((url) => new URL(url).hostname);
    return [
      ...values(settings, /(?:SECRET_DOMAIN|PRIVATE_DOMAIN|K8S_API_HOST)/),
      ...values(stack, /account/).map((name) => `account: ${name}`),
      ...values(stack, /address/),
      ...hosts,
    ];
  });
}

test.each(pages.filter((page) => !['docs/platform.md', 'docs/architecture-trace.md', 'CHANGELOG.md'].includes(page)))(
  '%s has no fact of a site',
  (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const facts = siteFacts();
    expect(facts.length).toBeGreaterThan(4);
    expect(
      facts.filter((fact) =>
        new RegExp(`(?<![\\w.])${fact.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w])`).test(text),
      ),
    ).toEqual([]);
  },
);

/** Folders of the tree in CONTRIBUTING.md. Two spaces of indentation per level. */
function documentedFolders(): string[] {
  const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  const tree = /^## Tree\n[\s\S]*?```\n([\s\S]*?)```/m.exec(text)?.[1] ?? '';
  const path: string[] = [];
  return tree
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, indent = '', name = ''] = /^( *)(\S+)\s+\S/.exec(line) ?? [];
      path.splice(indent.length / 2, path.length, name);
      return path.join('/');
    });
}

/** Folders that contain too many similar ones to list. */
const summarized = ['kubernetes/systems', 'tests/fixtures', 'tools/modules'];

function folders(path: string, depth: number): string[] {
  const children = readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .map((entry) => `${path}/${entry.name}`)
    .filter((child) => readdirSync(join(root, child)).length > 0);
  const inside = depth > 1 && !summarized.includes(path) ? children.flatMap((child) => folders(child, depth - 1)) : [];
  return [path, ...inside];
}

test('the tree in CONTRIBUTING.md lists every folder of the top three levels', () => {
  expect(documentedFolders()).toEqual(rooms.flatMap((room) => folders(room, 3)).sort());
});
