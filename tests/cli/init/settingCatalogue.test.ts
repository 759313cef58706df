import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { catalogueEntries } from '../../../cli/init/settingCatalogue';
import { readSystems } from '../../../cli/init/systems';
import { settingKeys } from '../../../cluster/settings';
import { settingTypes } from '../../../cluster/settingTypes';

const root = join(__dirname, '..', '..', '..');
const entries = catalogueEntries();
const keysWith = (test: (entry: (typeof entries)[number]['entry']) => unknown): string[] =>
  entries
    .filter(({ entry }) => test(entry))
    .map(({ key }) => key)
    .sort();

/** The text of all files below a folder. */
function textBelow(folder: string): string {
  return readdirSync(join(root, folder))
    .map((name) => `${folder}/${name}`)
    .map((path) =>
      statSync(join(root, path)).isDirectory() ? textBelow(path) : readFileSync(join(root, path), 'utf8'),
    )
    .join('\n');
}

test('has every setting once', () => {
  expect(entries.map(({ key }) => key).sort()).toEqual(Object.keys(settingTypes).sort());
});

test('knows what every cluster has: the sources of the replacements in components/cluster-defaults', () => {
  const found = [...textBelow('kubernetes/components/cluster-defaults').matchAll(/fieldPath: data\.(\w+)/g)];
  expect(keysWith(({ everywhere }) => everywhere)).toEqual(found.map(([, key]) => key).sort());
});

test('knows what manifests have a default for: a system needs it, or it is written where it is answered', () => {
  const found = [...textBelow('kubernetes/infrastructure').matchAll(/\$\{(\w+):=/g)].map(([, key]) => key ?? '');
  const defaults = [...new Set(found)].filter((key) => Object.hasOwn(settingTypes, key));
  const known = keysWith(({ system, ifAnswered }) => system ?? ifAnswered);
  expect(defaults.filter((key) => !known.includes(key))).toEqual([]);
});

test('names systems that exist', () => {
  const names = readSystems(root).map(({ name }) => name);
  const wanted = entries.flatMap(({ entry: { system } }) => system ?? []);
  expect(wanted.filter((name) => !names.includes(name))).toEqual([]);
});

test('has an answer or a default for everything that the program requires', () => {
  const given = keysWith(({ answered, fallback }) => answered ?? fallback);
  expect(Object.values(settingKeys).filter((key) => !given.includes(key))).toEqual([]);
});
