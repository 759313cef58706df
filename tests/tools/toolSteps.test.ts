import type { StepUpdate } from '../../tools/display/steps';
import { showTools, toolSteps } from '../../tools/toolSteps';

test('each missing tool is a step below the tools', () => {
  expect(toolSteps({ kind: 'missing', tools: ['helm', 'kwok'] })).toEqual([
    { id: 'tools', state: 'running', way: '2 missing', detail: '', amount: { done: 0, total: 2, unit: 'items' } },
    { id: 'tools/helm', label: 'helm v3.22.0', state: 'waiting' },
    { id: 'tools/kwok', label: 'kwok v0.7.0', state: 'waiting' },
  ]);
  expect(toolSteps({ kind: 'missing', tools: [] })).toEqual([{ id: 'tools', state: 'running', detail: '' }]);
});

test('a download has bytes, a build has none', () => {
  const common = { kind: 'tool', tool: 'helm', done: 1, total: 2 } as const;
  const all = { id: 'tools', state: 'running', amount: { done: 1, total: 2, unit: 'items' } };
  const helm = { id: 'tools/helm', label: 'helm v3.22.0' };
  expect(toolSteps({ ...common, phase: 'download', source: 'downloaded', doneBytes: 4e6, totalBytes: 17e6 })).toEqual([
    { ...helm, state: 'running', way: 'download', amount: { done: 4e6, total: 17e6, unit: 'bytes' } },
    all,
  ]);
  expect(toolSteps({ ...common, phase: 'build', source: 'built' })).toEqual([
    { ...helm, state: 'running', way: 'build', amount: undefined },
    all,
  ]);
  expect(toolSteps({ ...common, phase: 'done', source: 'built' })).toEqual([
    { ...helm, state: 'done', detail: 'built' },
    all,
  ]);
});

test('another run that provides tools is what the tools wait for; notes are lines', () => {
  const steps: StepUpdate[] = [];
  const lines: string[] = [];
  const show = showTools({ step: (update) => steps.push(update), log: (line) => lines.push(line) });
  show({ kind: 'waiting', pid: 12 });
  show({ kind: 'note', tool: 'helm', message: 'the publisher answers 404; building it' });
  expect(steps).toEqual([
    { id: 'tools', state: 'running', detail: 'another run (process 12) provides tools; waiting for it' },
  ]);
  expect(lines).toEqual(['tools: helm: the publisher answers 404; building it']);
});
