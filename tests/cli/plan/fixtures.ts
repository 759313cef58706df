import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The repository that describes the fixture stacks `east` and `west`. */
export const fixtureRoot = join(__dirname, '..', '..', 'fixtures', 'stacks');

const roots: string[] = [];
afterAll(() => roots.forEach((root) => rmSync(root, { recursive: true })));

/** A copy of the fixture stacks in which texts of files are replaced. Throws for a text that is not in its file. */
export function changed(edits: readonly (readonly [file: string, from: string, to: string])[]): string {
  const root = mkdtempSync(join(tmpdir(), 'k8s-gitops-plan-'));
  roots.push(root);
  cpSync(fixtureRoot, root, { recursive: true });
  for (const [file, from, to] of edits) {
    const path = join(root, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    writeFileSync(path, text.replace(from, to));
  }
  return root;
}
