import type { Drift, StackDrift } from '../../../cli/drift/drift';
import { markdownDrift } from '../../../cli/drift/markdown';
import { githubDrift, plainDrift, summaryOf } from '../../../cli/drift/print';

const whole: Drift = {
  ...{ id: 'dns-record', layer: 'edge', owner: 'Pulumi', object: 'record a.example.org' },
  ...{ why: 'does not exist', since: '2026-11-29T09:00:00Z', todo: 'run: pulumi up' },
};
const field: Drift = {
  ...{ id: 'flux-object', layer: 'flux', owner: 'Kustomization flux-system/web', object: 'Deployment web/shop' },
  ...{ field: 'spec.replicas', wanted: '3', found: '1', todo: 'reconcile it' },
};
const extra: Drift = { ...field, field: 'spec.paused', found: 'true' };
delete extra.wanted;
const result = (given: Partial<StackDrift> = {}): StackDrift => ({
  ...{ stack: 'east', drift: [], couldNotTell: [], ignored: [], compared: { flux: 40, edge: 2 }, seconds: 1.5 },
  ...given,
});
const unknown = { layer: 'machines' as const, object: 'machine east-01', why: 'does not answer', todo: 'start it' };
const drifted = result({ drift: [field, extra, whole], couldNotTell: [unknown], ignored: [whole] });

describe('a terminal', () => {
  test('a stack without drift is one line', () => {
    expect(plainDrift([result()])).toBe('drift of east: no drift; 42 objects compared in 1.5 s');
  });

  test('shows findings by layer, in their order, then a summary', () => {
    expect(plainDrift([drifted, result({ stack: 'west' })]).split('\n')).toEqual([
      'east: machines',
      '  ? machine east-01: does not answer',
      '      fix: start it',
      '',
      'east: flux',
      '  ~ Deployment web/shop spec.replicas  (Kustomization flux-system/web)',
      '      wanted 3, found 1',
      '      fix: reconcile it',
      '  ~ Deployment web/shop spec.paused  (Kustomization flux-system/web)',
      '      wanted nothing, found true',
      '      fix: reconcile it',
      '',
      'east: edge',
      '  ~ record a.example.org  (Pulumi)',
      '      does not exist',
      '      since 2026-11-29T09:00:00Z',
      '      fix: run: pulumi up',
      '',
      'drift of east: 3 drifted, 1 could not be told, 1 ignored; 42 objects compared in 1.5 s',
      '',
      'drift of west: no drift; 42 objects compared in 1.5 s',
    ]);
  });

  test('control characters of what was found reach no terminal', () => {
    const text = plainDrift([result({ drift: [{ ...field, found: '\u001b[31mred', why: 'a\u0007bell' }] })]);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test('the summary of a stack', () => {
    expect(summaryOf(result({ couldNotTell: [unknown], compared: {} }))).toBe(
      'drift of east: no drift, 1 could not be told; 0 objects compared in 1.5 s',
    );
  });
});

test('GitHub gets an error for each drift and a warning for what could not be told', () => {
  expect(githubDrift([result({ drift: [field], couldNotTell: [unknown] })]).split('\n')).toEqual([
    '::error title=east%3A flux-object::Deployment web/shop spec.replicas%0Awanted 3, found 1%0AFix: reconcile it',
    '::warning title=east%3A could not tell::machine east-01: does not answer%0AFix: start it',
    'drift of east: 1 drifted, 1 could not be told; 42 objects compared in 1.5 s',
  ]);
});

describe('Markdown', () => {
  test('has a table of all layers, then a section for each that found something', () => {
    expect(markdownDrift([result({ drift: [whole], couldNotTell: [unknown] })]).split('\n')).toEqual([
      '### Drift of `east`',
      '',
      '| layer | compared | drifted | could not tell |',
      '|---|---|---|---|',
      '| machines | 0 | 0 | 1 |',
      '| pulumi | 0 | 0 | 0 |',
      '| core | 0 | 0 | 0 |',
      '| flux | 40 | 0 | 0 |',
      '| secrets | 0 | 0 | 0 |',
      '| edge | 2 | 1 | 0 |',
      '',
      '#### machines',
      '',
      '- could not tell: `machine east-01`: does not answer',
      '  - fix: start it',
      '',
      '#### edge',
      '',
      '- `record a.example.org` (Pulumi), `dns-record`',
      '  - does not exist',
      '  - since 2026-11-29T09:00:00Z',
      '  - fix: run: pulumi up',
    ]);
  });

  test('what was found is text, not markup', () => {
    const text = markdownDrift([result({ drift: [{ ...field, object: 'Deployment web/`x`', found: '<b>&' }] })]);
    expect(text).toContain('- `` Deployment web/`x` spec.replicas ``');
    expect(text).toContain('found &lt;b&gt;&amp;');
  });

  test('is cut at whole blocks, and says so', () => {
    const all = markdownDrift([drifted]);
    const cut = markdownDrift([drifted], all.length - 20);
    expect(cut.length).toBeLessThanOrEqual(all.length - 20);
    expect(cut).toMatch(/\*\*Truncated:\*\* the report is too long\. `npm run drift` prints all of it\.$/);
    expect(all.startsWith(cut.slice(0, cut.indexOf('**Truncated')))).toBe(true);
    expect(markdownDrift([drifted], all.length + 200)).toBe(all);
  });
});
