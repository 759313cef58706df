import type { DriftContext } from '../../../cli/drift/context';
import type { Drift, DriftFix, StackDrift } from '../../../cli/drift/drift';
import { type FixOptions, plannedFixes, runFixes } from '../../../cli/drift/fix';

const fix = (describe: string, more: Partial<DriftFix> = {}): DriftFix => ({ describe, run: async () => {}, ...more });
const finding = (layer: Drift['layer'], object: string, mend?: DriftFix): Drift => ({
  ...{ id: 'some-drift', layer, owner: 'someone', object, todo: 'fix it' },
  ...(mend !== undefined && { fix: mend }),
});
const result = (stack: string, ...drift: Drift[]): StackDrift => ({
  ...{ stack, drift, couldNotTell: [], ignored: [], compared: {}, seconds: 1 },
});

/** Options that record what happens, in order. */
function recorder(answer: boolean): FixOptions & { log: string[] } {
  const log: string[] = [];
  return {
    log,
    open: async (stack) => {
      log.push(`open ${stack}`);
      return { context: { stack } as DriftContext, close: () => void log.push(`close ${stack}`) };
    },
    confirm: async (question) => {
      log.push(`ask ${question}`);
      return answer;
    },
    say: (text) => void log.push(`say ${text}`),
  };
}

describe('the fixes of a run', () => {
  test('each once, those of earlier layers first', () => {
    const [up, resume] = [fix('run pulumi up'), fix('resume it')];
    const planned = plannedFixes([
      result('east', finding('flux', 'b', resume), finding('machines', 'a', up), finding('pulumi', 'c', up)),
      result('west', finding('edge', 'd')),
    ]);
    expect(
      planned.map(({ stack, fixes }) => [
        stack,
        fixes.map((one) => [one.fix.describe, one.findings.map((f) => f.object)]),
      ]),
    ).toEqual([
      [
        'east',
        [
          ['run pulumi up', ['a', 'c']],
          ['resume it', ['b']],
        ],
      ],
    ]);
  });

  test('are shown with the findings that they are for, asked about once, then run in new contexts', async () => {
    const options = recorder(true);
    const ran: string[] = [];
    const up = fix('run pulumi up', {
      preview: async ({ stack }) => `preview of ${stack}\n`,
      run: async ({ stack }) => void ran.push(`up ${stack}`),
    });
    const planned = plannedFixes([
      result('east', finding('machines', 'a', up)),
      result('west', finding('pulumi', 'b', up)),
    ]);
    expect(await runFixes(planned, options)).toBe(true);
    expect(options.log).toEqual([
      'open east',
      'say east: run pulumi up\n  for a\npreview of east',
      'close east',
      'open west',
      'say west: run pulumi up\n  for b\npreview of west',
      'close west',
      'ask Do these 2 things?',
      'open east',
      'say east: run pulumi up',
      'close east',
      'open west',
      'say west: run pulumi up',
      'close west',
    ]);
    expect(ran).toEqual(['up east', 'up west']);
  });

  test('without consent, nothing runs', async () => {
    const options = recorder(false);
    const ran: string[] = [];
    const planned = plannedFixes([
      result('east', finding('flux', 'a', fix('resume it', { run: async () => void ran.push('x') }))),
    ]);
    expect(await runFixes(planned, options)).toBe(false);
    expect(options.log).toEqual(['open east', 'say east: resume it\n  for a', 'close east', 'ask Do this?']);
    expect(ran).toEqual([]);
  });

  test('after one that failed, the rest of its stack does not run, but other stacks do', async () => {
    const options = recorder(true);
    const ran: string[] = [];
    const failing = fix('run pulumi up', { run: () => Promise.reject(new Error('the stack is locked')) });
    const resume = (stack: string): DriftFix => fix('resume it', { run: async () => void ran.push(stack) });
    const planned = plannedFixes([
      result('east', finding('machines', 'a', failing), finding('flux', 'b', resume('east'))),
      result('west', finding('flux', 'b', resume('west'))),
    ]);
    expect(await runFixes(planned, options)).toBe(true);
    expect(options.log).toContain(
      'say east: this failed, and nothing more of this stack is fixed: the stack is locked',
    );
    expect(ran).toEqual(['west']);
  });
});
