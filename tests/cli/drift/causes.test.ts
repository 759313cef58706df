import { withoutExplained } from '../../../cli/drift/causes';
import type { Drift } from '../../../cli/drift/drift';

const finding = (object: string, ...explains: string[]): Drift => ({
  ...{ id: 'some-drift', layer: 'flux', owner: 'someone', object, todo: 'fix it' },
  ...(explains.length > 0 && { explains }),
});
const kept = (...findings: Drift[]): string[] => withoutExplained(findings).map(({ object }) => object);

describe('a cause in several layers', () => {
  test('is reported once, wherever the others stand', () => {
    expect(kept(finding('b'), finding('a', 'b'), finding('c'))).toEqual(['a', 'c']);
  });

  test('also through findings between', () => {
    expect(kept(finding('a', 'b'), finding('b', 'c'), finding('c'))).toEqual(['a']);
  });

  test('several fields of one object stay together', () => {
    expect(kept(finding('a', 'a', 'b'), finding('a', 'b'), finding('b'))).toEqual(['a', 'a']);
  });

  test('in a circle, the first stays', () => {
    expect(kept(finding('a', 'b'), finding('b', 'a'))).toEqual(['a']);
    expect(kept(finding('a', 'b'), finding('b', 'c'), finding('c', 'a'))).toEqual(['a']);
    // One that explains the circle from outside leaves nothing of it.
    expect(kept(finding('a', 'b'), finding('b', 'a'), finding('x', 'a'))).toEqual(['x']);
  });

  test('in two layers, one object is reported by the earlier', () => {
    const store = { ...finding('store', 'reader'), layer: 'secrets' as const };
    const spec = finding('store');
    expect(withoutExplained([store, spec, finding('reader')])).toEqual([spec]);
  });

  test('what is not a finding explains nothing away', () => {
    expect(kept(finding('a', 'nothing'), finding('b'))).toEqual(['a', 'b']);
  });
});
