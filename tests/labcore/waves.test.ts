import type { LabProcess } from '../../lab/executor/process';
import { planWaves } from '../../lab/executor/waves';

const process = (name: string, ...needs: string[]): LabProcess => ({
  name,
  version: '1',
  real: true,
  needs,
  command: ['true'],
  ready: { kind: 'exit' },
});
const names = (waves: LabProcess[][]): string[][] => waves.map((wave) => wave.map(({ name }) => name));

describe('planWaves', () => {
  test('puts each process after those it needs and keeps the given order within a wave', () => {
    const processes = [process('d', 'b', 'c'), process('c', 'a'), process('b', 'a'), process('a'), process('e')];
    expect(names(planWaves(processes))).toEqual([['a', 'e'], ['c', 'b'], ['d']]);
  });

  test('returns no waves for no processes', () => {
    expect(planWaves([])).toEqual([]);
  });

  test('reports a cycle as a path without processes that only wait for it', () => {
    const processes = [process('waiting', 'x'), process('x', 'y'), process('y', 'z'), process('z', 'x')];
    expect(() => planWaves(processes)).toThrow(new Error('lab processes need each other: x → y → z → x'));
  });

  test('reports all unknown needs and duplicate names together', () => {
    const processes = [process('a', 'nothing'), process('a'), process('b', 'missing')];
    expect(() => planWaves(processes)).toThrow(
      new Error(
        'lab process "a" is defined twice\n' +
          'lab process "a" needs "nothing", which does not exist\n' +
          'lab process "b" needs "missing", which does not exist',
      ),
    );
  });
});
