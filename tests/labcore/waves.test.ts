import type { LabProcess } from '../../lab/executor/process';
import { planWaves } from '../../lab/executor/waves';

const part = (name: string, ...needs: string[]): LabProcess => ({
  name,
  version: '1',
  real: true,
  needs,
  command: ['true'],
  ready: { kind: 'exit' },
});
const names = (waves: LabProcess[][]): string[][] => waves.map((wave) => wave.map(({ name }) => name));

describe('planWaves', () => {
  test('puts each part after what it needs, and keeps the given order within a wave', () => {
    const parts = [part('d', 'b', 'c'), part('c', 'a'), part('b', 'a'), part('a'), part('e')];
    expect(names(planWaves(parts))).toEqual([['a', 'e'], ['c', 'b'], ['d']]);
  });

  test('no parts, no waves', () => {
    expect(planWaves([])).toEqual([]);
  });

  test('names a cycle as a path and leaves out what merely waits for it', () => {
    const parts = [part('waiting', 'x'), part('x', 'y'), part('y', 'z'), part('z', 'x')];
    expect(() => planWaves(parts)).toThrow(new Error('lab parts need each other: x → y → z → x'));
  });

  test('reports every unknown need and every name used twice together', () => {
    const parts = [part('a', 'nothing'), part('a'), part('b', 'nobody')];
    expect(() => planWaves(parts)).toThrow(
      new Error(
        'lab part "a" is defined twice\n' +
          'lab part "a" needs "nothing", which no part is called\n' +
          'lab part "b" needs "nobody", which no part is called',
      ),
    );
  });
});
