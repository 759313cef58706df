import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(__dirname, '..');
const pages = [
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];

/** Links to files and `path` words that look like files of ours. */
function references(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replace(/```[\s\S]*?```/g, '');
  const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => relative(root, join(root, dirname(page), target)));
  const rooms = 'stacks|cluster|gitops|components|provider|kubernetes|lab|tools|sdks|tests|docs|cli';
  const words = [...text.matchAll(new RegExp(`\`((?:${rooms})/[A-Za-z0-9_./-]+\\.[a-z]+)\``, 'g'))].map(
    (match) => match[1] ?? '',
  );
  return [...links, ...words];
}

test.each(pages)('%s has no dead link', (page) => {
  const dead = references(page).filter((target) => !existsSync(join(root, target)));
  expect(dead).toEqual([]);
});

test('the trace names files', () => {
  expect(references('docs/architecture-trace.md').length).toBeGreaterThan(40);
});

test.each(pages)('%s names no npm script that is not there', (page) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const text = readFileSync(join(root, page), 'utf8');
  const named = [...text.matchAll(/npm run (?:-s )?([a-z][a-z:]*)/g)].map((match) => match[1] ?? '');
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
