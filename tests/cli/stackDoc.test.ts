import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { editorSchemaFile, editorSchemaText, stackDocFile, withKeyTables } from '../../cli/stackDoc';

const root = join(__dirname, '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

test('the tables of docs/machines.md are up to date; `npm run docs` regenerates them', () => {
  expect(read(stackDocFile)).toBe(withKeyTables(read(stackDocFile)));
});

test('the JSON schema of stack files is up to date; `npm run docs` regenerates it', () => {
  expect(read(editorSchemaFile)).toBe(editorSchemaText('k8s-gitops'));
});

test('a page without the place of a table is refused', () => {
  expect(() => withKeyTables('# Machines\n')).toThrow(
    new Error('docs/machines.md: there is no place for the keys of machines'),
  );
});
