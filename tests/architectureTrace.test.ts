import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { settingTypes } from '../cluster/settingTypes';
import { checks } from '../gitops/checks/registry';
import { listClusters } from '../gitops/clusterSettings';
import { exemptionIds } from '../gitops/exemptions';
import type { KubernetesObject } from '../gitops/kubernetesObject';
import { problemKinds } from '../gitops/problemKinds';

const root = join(__dirname, '..');
const page = readFileSync(join(root, 'docs/architecture-trace.md'), 'utf8');

interface Row {
  section: string;
  rule: string;
  implemented: string;
  held: string;
}

const sections = page.split(/^## /m).slice(1);
const rows: Row[] = sections.flatMap((text) => {
  const section = text.split('\n', 1)[0] ?? '';
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => {
      const [rule = '', implemented = '', held = '', ...more] = line.slice(2, -2).split(' | ');
      if (held === '' || more.length > 0) throw new Error(`${section}: a row must have three cells: ${line}`);
      return { section, rule, implemented, held };
    });
});

const isBuilt = ({ implemented }: Row): boolean => !/\bnot built: /.test(implemented);
const code = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
const files = (text: string): string[] => code(text).filter((item) => /^[\w.-]+(\/[\w.-]+)*\.(ts|yaml|md)$/.test(item));
const links = (text: string): string[] => [...text.matchAll(/\]\(([^)#]+)/g)].map((match) => `docs/${match[1] ?? ''}`);
const settings = (text: string): string[] => code(text).filter((item) => /^[A-Z][A-Z0-9_]+$/.test(item));
const rules = (text: string): string[] =>
  [...text.matchAll(/\brules? ((?:`[\w-]+`(?:, )?)+)/g)].flatMap((match) => code(match[1] ?? ''));

/** The files of a cell, each with the `Kind name` texts after it, before the next file. */
function named(text: string): { file: string; objects: string[] }[] {
  const found: { file: string; objects: string[] }[] = [];
  for (const item of code(text)) {
    if (files(`\`${item}\``).length > 0) found.push({ file: item, objects: [] });
    else if (/^[A-Z][A-Za-z0-9]+ \S+$/.test(item)) found.at(-1)?.objects.push(item);
  }
  return found;
}

test('every section of the architecture is here', () => {
  const numbers = sections.map((text) => Number.parseInt(text, 10));
  expect(numbers).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
});

test('every row says where it is implemented, or why it is not built', () => {
  const unclear = rows.filter(
    ({ implemented }) =>
      !/\bnot built: \S/.test(implemented) &&
      files(implemented).length + links(implemented).length + settings(implemented).length === 0,
  );
  expect(unclear).toEqual([]);
});

test('what is built is held by a test or a rule, or says that nothing holds it; what is not built is not', () => {
  const unclear = rows.filter((row) =>
    isBuilt(row)
      ? files(row.held).length + rules(row.held).length === 0 && !/^nothing\b/.test(row.held)
      : row.held !== '–',
  );
  expect(unclear).toEqual([]);
});

/** Another site has other clusters than those that the page names. */
const isHere = (file: string): boolean => {
  const [, cluster] = /^(?:kubernetes\/clusters\/|Pulumi\.)([^/.]+)[/.]/.exec(file) ?? [];
  return cluster === undefined || listClusters(root).includes(cluster);
};

test('every file exists', () => {
  const all = rows.flatMap(({ implemented, held }) => [...files(`${implemented} ${held}`), ...links(implemented)]);
  expect([...new Set(all)].filter((file) => isHere(file) && !existsSync(join(root, file)))).toEqual([]);
});

test('a manifest is named with its objects, and contains them', () => {
  const wrong = rows.flatMap(({ implemented }) =>
    named(implemented).flatMap(({ file, objects }) => {
      if (!isHere(file)) return [];
      if (!file.startsWith('kubernetes/') || !file.endsWith('.yaml'))
        return objects.map((object) => `${file}: ${object}`);
      const documents = parseAllDocuments(readFileSync(join(root, file), 'utf8'));
      const inFile = documents.map((document) => {
        const { kind, metadata } = document.toJS() as KubernetesObject;
        return `${kind} ${metadata?.name ?? ''}`;
      });
      // A folder's wiring and parts of the defaults stand for themselves.
      const whole = /\/(kustomization|config|cluster-settings)\.yaml$|\/cluster-defaults\//.test(file);
      if (objects.length === 0 && !whole) return [`${file}: names none of ${inFile.join(', ')}`];
      return objects.filter((object) => !inFile.includes(object)).map((object) => `${file}: ${object}`);
    }),
  );
  expect(wrong).toEqual([]);
});

test('every rule exists', () => {
  const ids = new Set([...checks.map(({ id }) => id), ...Object.keys(problemKinds), ...exemptionIds]);
  expect(rows.flatMap(({ held }) => rules(held)).filter((id) => !ids.has(id))).toEqual([]);
});

test('every setting has a type', () => {
  const used = rows.filter(isBuilt).flatMap(({ implemented }) => settings(implemented));
  expect(used.filter((key) => !Object.hasOwn(settingTypes, key))).toEqual([]);
});
