import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loopResult, loopScript } from '../../bench/loopScript';
import { median } from '../../bench/timed';
import { cluster, kustomization, tree } from '../gitops/diff/trees';

test('median of odd and even counts', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([1])]).toEqual([2, 2.5, 1]);
});

test('the loop has one line per rendered Kustomization, with its patches and variables', () => {
  const root = mkdtempSync(join(tmpdir(), 'k8s-gitops-bench-'));
  try {
    const patched = kustomization('app', { path: 'kubernetes/app', variables: { A: '1' } });
    patched.object['spec'] = { patches: [{ patch: 'x' }] };
    const others = [kustomization('plain', { path: 'kubernetes/plain' }), kustomization('no', { skipped: 'external' })];
    const one = { ...tree([cluster('one', [], [patched, ...others])]), root };
    const script = loopScript(one, '/schemas', { kustomize: 'k', kubeconform: 'c', substitute: 's' });
    const lines = script.split('\n').filter((line) => line.includes(' build '));
    const folder = join(root, '.bench', 'one', 'app');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(`'k' build '${folder}' | 's' substitute --values '${folder}/values.json' | 'c' -strict`);
    expect(lines[1]).toContain(`'k' build '${root}/kubernetes/plain' | 'c' -strict`);
    expect(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')).toBe(
      'resources:\n  - ../../../kubernetes/app\npatches:\n  - patch: x\n',
    );
    expect(JSON.parse(readFileSync(join(folder, 'values.json'), 'utf8'))).toEqual({ A: '1' });
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("sums the loop's results", () => {
  const line = (valid: number, invalid: number): string =>
    `Summary: 3 resources found parsing stdin - Valid: ${valid}, Invalid: ${invalid}, Errors: 0, Skipped: 1\n`;
  expect(loopResult(line(2, 0) + line(10, 1))).toEqual({ valid: 12, invalid: 1, errors: 0, skipped: 2 });
});
