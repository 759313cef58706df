import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const fixtures = join(__dirname, '..', '..', 'fixtures', 'reader');

/** A valid repository; each folder under `invalid` is this one with a few files changed or removed. */
export const validTree = join(fixtures, 'valid');

/** The reasons a tree is rejected, with one folder each. */
export const reasons = readdirSync(join(fixtures, 'invalid')).sort();

/** The expected problems of a reason, one per line. */
export function expectedProblems(reason: string): string[] {
  const text = readFileSync(join(fixtures, 'invalid', reason, 'expected.txt'), 'utf8');
  return text.trimEnd().split('\n');
}

/** Runs a test on a temporary copy of the valid tree with a reason's changes applied. */
export function withInvalidTree<T>(reason: string, test: (repoRoot: string) => T): T {
  const root = mkdtempSync(join(tmpdir(), 'gitops-'));
  try {
    cpSync(join(validTree, 'kubernetes'), join(root, 'kubernetes'), { recursive: true });
    const changes = join(fixtures, 'invalid', reason);
    if (existsSync(join(changes, 'kubernetes'))) {
      cpSync(join(changes, 'kubernetes'), join(root, 'kubernetes'), { recursive: true });
    }
    const removed = join(changes, 'removed.txt');
    for (const file of existsSync(removed) ? readFileSync(removed, 'utf8').trimEnd().split('\n') : []) {
      rmSync(join(root, file));
    }
    return test(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
