import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cachedChart } from '../../../cli/validate/charts/chartCache';

let all: string;
beforeEach(() => void (all = mkdtempSync(join(tmpdir(), 'k8s-gitops-cache-'))));
afterEach(() => rmSync(all, { recursive: true, force: true }));

const chart = { url: 'oci://example.org/app', version: '1.2.3' };
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

/** Unpacks an empty chart, and counts. */
function registry(answer = digest('a')) {
  const calls: string[] = [];
  const pull = async ({ version }: { version: string }, into: string): Promise<string> => {
    calls.push(version);
    mkdirSync(join(into, 'app'));
    return answer;
  };
  return { calls, pull };
}

test('pulls a version once, and keeps it by its digest', async () => {
  const { calls, pull } = registry();
  const folder = await cachedChart(all, chart, pull);
  expect(basename(folder)).toBe('app');
  expect(await cachedChart(all, chart, pull)).toBe(folder);
  expect(calls).toEqual(['1.2.3']);
  expect(readdirSync(all).sort()).toEqual([`sha256-${'a'.repeat(64)}`, 'versions']);
});

test('two versions with one digest are one folder', async () => {
  const { pull } = registry();
  const [one, two] = [
    await cachedChart(all, chart, pull),
    await cachedChart(all, { ...chart, version: '1.2.4' }, pull),
  ];
  expect(two).toBe(one);
});

test('takes a pinned digest from the cache whatever the version is called, and refuses another', async () => {
  const { calls, pull } = registry();
  await cachedChart(all, chart, pull);
  await cachedChart(all, { ...chart, version: '9.9.9', digest: digest('a') }, pull);
  expect(calls).toEqual(['1.2.3']);
  await expect(cachedChart(all, { ...chart, digest: digest('b') }, pull)).rejects.toThrow(
    `Git pins ${digest('b')}, but the registry has ${digest('a')}; correct the digest or the version`,
  );
});

test('leaves nothing behind when the pull fails, and pulls again', async () => {
  const failing = async (): Promise<string> => Promise.reject(new Error('no such host'));
  await expect(cachedChart(all, chart, failing)).rejects.toThrow('no such host');
  expect(readdirSync(all)).toEqual(['versions']);
  expect(existsSync(await cachedChart(all, chart, registry().pull))).toBe(true);
});
