import { parseDocument } from 'yaml';
import type { Drift } from '../../cli/drift/drift';
import { judge, sampleOf } from '../../lab/rehearse/judge';
import type { Tamper } from '../../lab/rehearse/tamper';
import { missingPart } from '../../lab/rehearse/tampers/machines';
import { contains, reversed } from '../../lab/rehearse/world';

const finding = (layer: Drift['layer'], object: string, field?: string): Drift => ({
  ...{ id: `${layer}-drift`, layer, owner: 'someone', object, todo: 'fix it' },
  ...(field !== undefined && { field }),
});
const run = (...drift: Drift[]) => ({ drift, couldNotTell: [], seconds: 1 });
const tamper = (name: string, layer: Tamper['layer'], ...expect: Tamper['expect']): Tamper => ({
  ...{ name, layer, expect },
  apply: () => Promise.reject(new Error('not applied')),
});

describe('evaluating a run', () => {
  const wanted = tamper('a', 'flux', { layer: 'flux', object: 'Deployment x/y', field: 'spec.replicas' });

  test('passes if it found exactly that', () => {
    expect(judge(wanted, run(finding('flux', 'Deployment x/y', 'spec.replicas')))).toEqual({
      ...{ name: 'a', layer: 'flux', passed: true, missing: [], unexpected: [], seconds: 1 },
    });
  });

  test.each([
    ['nothing', run(), ['flux: Deployment x/y spec.replicas'], []],
    [
      'another field',
      run(finding('flux', 'Deployment x/y', 'spec')),
      ['flux: Deployment x/y spec.replicas'],
      ['flux: Deployment x/y spec (flux-drift)'],
    ],
    [
      'another layer as well',
      run(finding('flux', 'Deployment x/y', 'spec.replicas'), finding('core', 'HelmRelease x/y')),
      [],
      ['core: HelmRelease x/y (core-drift)'],
    ],
  ])('fails if it found %s', (_what, found, missing, unexpected) => {
    expect(judge(wanted, found)).toMatchObject({ passed: false, missing, unexpected });
  });

  test('what could not be told is unexpected, unless it must be so', () => {
    const unknown = { layer: 'machines' as const, object: 'machine a', why: 'it is off', todo: 'start it' };
    const found = { drift: [], couldNotTell: [unknown], seconds: 1 };
    expect(judge(tamper('none', 'none'), found).unexpected).toEqual(['machines: could not tell machine a: it is off']);
    const off = { ...tamper('off', 'machines'), couldNotTell: ['machines' as const] };
    expect(judge(off, found).passed).toBe(true);
    expect(judge(off, run()).missing).toEqual(['machines: could not tell']);
  });
});

describe('a sample', () => {
  const all = (['machines', 'flux', 'edge'] as const).flatMap((layer) =>
    Array.from({ length: 5 }, (_, at) => tamper(`${layer}-${at}`, layer)),
  );
  const names = (seed: string, count: number): string[] => sampleOf(all, count, seed).map(({ name }) => name);

  test('is the same for the same seed, and has every layer', () => {
    expect(names('one', 6)).toEqual(names('one', 6));
    expect(names('one', 6)).not.toEqual(names('two', 6));
    for (const seed of ['one', 'two', 'three']) {
      const layers = sampleOf(all, 6, seed).map(({ layer }) => layer);
      expect(layers.toSorted()).toEqual(['edge', 'edge', 'flux', 'flux', 'machines', 'machines']);
    }
  });

  test('has no more than there are', () => {
    expect(names('one', 99).toSorted()).toEqual(all.map(({ name }) => name).toSorted());
  });
});

test('a merge patch is taken back: old values return, what was not there goes', () => {
  const before = { spec: { replicas: 2, list: [1] }, metadata: { labels: { a: 'b' } } };
  const patch = {
    spec: { replicas: 7, list: [2, 3], paused: true },
    metadata: { labels: { c: 'd' }, annotations: { e: 'f' } },
  };
  expect(reversed(patch, before)).toEqual({
    spec: { replicas: 2, list: [1], paused: null },
    metadata: { labels: { c: null }, annotations: null },
  });
});

test('what is added where its map is missing too is expected as the map', () => {
  const document = parseDocument('machine: {time: {servers: [a]}, kubelet: {}}');
  expect(missingPart(document, ['machine', 'time', 'bootTimeout'])).toEqual(['machine', 'time', 'bootTimeout']);
  expect(missingPart(document, ['machine', 'sysctls', 'vm.overcommit_memory'])).toEqual(['machine', 'sysctls']);
  expect(missingPart(document, ['machine', 'kubelet', 'extraArgs', 'v'])).toEqual(['machine', 'kubelet', 'extraArgs']);
  expect(missingPart(document, ['machine', 'time', 'servers'])).toEqual(['machine', 'time', 'servers']);
});

test('whether a patch still holds: it has all of its values and nothing that it removed', () => {
  const object = { spec: { replicas: 7, paused: true }, metadata: { labels: { a: 'b' } } };
  expect(contains(object, { spec: { replicas: 7 }, metadata: { labels: { a: 'b', c: null } } })).toBe(true);
  expect(contains(object, { spec: { replicas: 2 } })).toBe(false);
  expect(contains(object, { metadata: { labels: { a: null } } })).toBe(false);
  expect(contains(undefined, { spec: { replicas: 7 } })).toBe(false);
});
