import { consequences, validationOf } from '../../stacks/validation';

const finding = (severity: 'error' | 'warning', id: string) => ({
  id,
  severity,
  file: 'kubernetes/a.yaml',
  line: 3,
  object: 'ConfigMap default/a',
  clusters: ['east'],
  what: 'found one\nthing',
  why: 'w',
  todo: 'do another',
});
const both = { findings: [finding('warning', 'small'), finding('error', 'large')] };
const small = 'kubernetes/a.yaml:3: small: ConfigMap default/a: found one thing; do another';
const large = 'kubernetes/a.yaml:3: large: ConfigMap default/a: found one thing; do another';
const ignoreVariable = 'IGNORE';
const update = { isPreview: false, isIgnored: false, ignoreVariable };
const nothing = { infos: [], warnings: [], ignored: [] };

test('clean: nothing is said', () => {
  expect(consequences('east', { findings: [] }, update)).toEqual(nothing);
});

test('an update stops at errors with how to go on, and at nothing else', () => {
  expect(consequences('east', both, update)).toEqual({
    ...nothing,
    warnings: [small],
    refusal:
      'stack east: npm run validate finds errors, and Flux would apply them; nothing was changed\n' +
      `  - ${large}\nCorrect them and push, or run once with IGNORE=1`,
  });
  expect(consequences('east', { findings: [finding('warning', 'small')] }, update)).toEqual({
    ...nothing,
    warnings: [small],
  });
});

test('a preview only warns, and records nothing', () => {
  for (const isIgnored of [false, true]) {
    expect(consequences('east', both, { ...update, isPreview: true, isIgnored })).toEqual({
      ...nothing,
      warnings: [large, small],
    });
  }
});

test('errors that are ignored are warnings, and recorded', () => {
  expect(consequences('east', both, { ...update, isIgnored: true })).toEqual({
    ...nothing,
    warnings: [large, small],
    ignored: [large],
  });
});

test('what could not be validated is said, and stops nothing', () => {
  for (const isPreview of [false, true]) {
    expect(consequences('east', { reason: 'it is missing' }, { ...update, isPreview })).toEqual({
      ...nothing,
      infos: ['east: not validated, because it is missing'],
    });
  }
});

test.each([
  [0, '{"findings":[]}', '', { findings: [] }],
  [1, '{"findings":[{"id":"x"}]}', 'schemas: built\n', { findings: [{ id: 'x' }] }],
  [
    2,
    '',
    'some progress\nvalidate: the renderer is not built; build it\n',
    { reason: 'the renderer is not built; build it' },
  ],
  [2, '', '', { reason: 'validate ended with exit code 2' }],
  [137, '', 'bash\nnode was killed by SIGKILL', { reason: 'node was killed by SIGKILL' }],
  [1, '', 'Error: Cannot find module x', { reason: 'Error: Cannot find module x' }],
  [0, 'no JSON', '', { reason: 'validate printed no result' }],
])('exit code %i with %j and %j', (code, stdout, stderr, expected) => {
  expect(validationOf({ code, stdout, stderr })).toEqual(expected);
});
