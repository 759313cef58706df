import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemsDocFile, withSystemsTable } from '../../cli/systemsDoc';

const root = join(__dirname, '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const optional = readdirSync(join(root, 'kubernetes/systems')).filter((name) => name !== 'core');

test('the table of docs/adopt.md is up to date; `npm run docs` regenerates it', () => {
  expect(read(systemsDocFile)).toBe(withSystemsTable(read(systemsDocFile), root));
});

test('the table has a row for each optional system, with what it demands', () => {
  const rows = withSystemsTable('<!-- systems -->\n<!-- end of systems -->', root)
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows.map((row) => /`([^`]+)`/.exec(row)?.[1])).toEqual([...optional].sort());
  const rowOf = (name: string): string | undefined => rows.find((row) => row.startsWith(`| \`${name}\` |`));
  expect(rowOf('cilium-bgp')).toContain('`CILIUM_BGP_LOCAL_ASN`<br>`CILIUM_BGP_PEER_ADDRESS`<br>`CILIUM_BGP_PEER_ASN`');
  expect(rowOf('flux-receiver')).toContain('`kubernetes/<cluster>/flux` webhook-token ⚙');
  expect(rowOf('flux-commit-status')).toContain('`kubernetes/shared/flux` commit-status-token |');
  expect(rowOf('openebs')).toMatch(/ no \|$/);
  expect(rowOf('cloudflared')).toMatch(/ yes \|$/);
});

test('a page without the place of the table is refused', () => {
  expect(() => withSystemsTable('# Adopt\n', root)).toThrow(
    new Error('docs/adopt.md: there is no place for the systems'),
  );
});

test('README.md says what each optional system is for', () => {
  const section = /^## What you can leave out\n([^]*?)^## /m.exec(read('README.md'))?.[1] ?? '';
  const listed = [...section.matchAll(/^\|.*\|$/gm)].flatMap(([row]) => [...row.matchAll(/`([^`]+)`/g)]);
  expect(listed.map(([, name = '']) => name).sort()).toEqual([...optional].sort());
});
