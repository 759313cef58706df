import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { secretConfigKeys, secretVariables } from '../cluster/stackConfig';
import { managedFields, secretAgeDays } from '../cluster/vaultFields';

const root = join(__dirname, '..');
const page = readFileSync(join(root, 'docs/secrets.md'), 'utf8');

/** The rows of the table below a heading, each as its cells without backquotes. */
function rows(heading: string): string[][] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

const tsigItem = 'kubernetes/<cluster>/external-dns-rfc2136';
const made = Object.values(managedFields({ name: '<cluster>', tsigItem }));

test("the page's ages are the program's", () => {
  const ages = Object.entries(secretAgeDays).map(([category, days]) => [category, String(days ?? '–')]);
  expect(rows('How long').map(([category, days]) => [category, days])).toEqual(ages);
});

test('the page names every field that the program makes, in its order', () => {
  const expected = made.map(({ title, field, category }) => [title, field, category]);
  expect(rows('Made by the program').map((cells) => cells.slice(0, 3))).toEqual(expected);
});

test('the page names every credential that the program is given', () => {
  const expected = secretConfigKeys.map((key) => [key, secretVariables[key] ?? '–']);
  expect(rows('Given to the program').map((cells) => cells.slice(0, 2))).toEqual(expected);
});

/** `title field` of everything that ExternalSecrets below kubernetes/ read. */
function read(): string[] {
  const files = readdirSync(join(root, 'kubernetes'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => readFileSync(join(root, 'kubernetes', file), 'utf8'))
    .filter((text) => /^kind: ExternalSecret$/m.test(text));
  const refs = files.flatMap((text) =>
    parseAllDocuments(
      text.replaceAll('${CLUSTER}', '<cluster>').replaceAll('${BIND_TSIG_SECRET_PATH}', tsigItem),
    ).flatMap((document) => {
      const object = document.toJS() as {
        kind: string;
        spec: { data?: { remoteRef: { key: string; property?: string } }[] };
      };
      return object.kind === 'ExternalSecret' ? (object.spec.data ?? []).map(({ remoteRef }) => remoteRef) : [];
    }),
  );
  return [...new Set(refs.map(({ key, property = 'password' }) => `${key} ${property}`))].sort();
}

test('what ExternalSecrets read and the program does not make is what the page leaves to people', () => {
  const ours = new Set(made.map(({ title, field }) => `${title} ${field}`));
  const people = rows('Put there by people').map(([title = '', field = '']) => `${title} ${field}`);
  expect(read().filter((one) => !ours.has(one))).toEqual(people.sort());
});

test('the page knows no category that the program does not', () => {
  const named = [
    ...rows('Given to the program').map((cells) => cells[2]),
    ...rows('Put there by people').map((cells) => cells[2]),
  ].filter((category) => category !== '–');
  expect(named.filter((category) => !Object.hasOwn(secretAgeDays, category ?? ''))).toEqual([]);
});

test('links inside the page lead to one of its headings, as GitHub names them', () => {
  const headings = [...page.matchAll(/^##+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .trim()
      .replace(/\s/g, '-'),
  );
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((anchor) => !headings.includes(anchor))).toEqual([]);
});
