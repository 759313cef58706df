import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepTempDirs, withTempDir } from '../../../clients/process/tempDir';

const before = process.env.XDG_RUNTIME_DIR;
let base: string;
beforeEach(() => {
  base = process.env.XDG_RUNTIME_DIR = mkdtempSync(join(tmpdir(), 'base-'));
});
afterEach(() => {
  if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
  else process.env.XDG_RUNTIME_DIR = before;
  rmSync(base, { recursive: true, force: true });
});

test('the folder is private, and removed after the work, also after a failure', async () => {
  const mode = await withTempDir(async (directory) => statSync(directory).mode & 0o777);
  expect(mode).toBe(0o700);
  await expect(withTempDir(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
  expect(readdirSync(base)).toEqual([]);
});

test('the sweep removes folders of dead providers, and nothing else', async () => {
  const dead = join(base, 'k8s-gitops-provider-999999999-1-aaaaaa');
  const reused = join(base, `k8s-gitops-provider-${process.pid}-1-bbbbbb`);
  const foreign = join(base, 'something-else');
  for (const directory of [dead, reused, foreign]) mkdirSync(directory);
  writeFileSync(join(dead, 'kubeconfig'), 'secret');
  await withTempDir(async (ours) => {
    await sweepTempDirs();
    expect(existsSync(ours)).toBe(true);
  });
  expect(readdirSync(base)).toEqual(['something-else']);
});
