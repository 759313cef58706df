import { describeHealthCheck, expressionProblem, healthProblem } from '../../../cluster/rollout/healthChecks';

const check = { apiVersion: 'v1', kind: 'Thing', namespace: 'a', name: 'b' };
const withCondition = (status: string, message = '') => ({
  status: { conditions: [{ type: 'Ready', status, message }] },
});

test.each([
  ['absent', {}, undefined, 'does not exist'],
  ['without conditions', {}, { spec: {} }, 'has no condition Ready yet'],
  ['ready', {}, withCondition('True'), undefined],
  ['not ready', {}, withCondition('False', '2 of 3'), 'Ready is False: 2 of 3'],
  ['another condition', { condition: 'Synced' }, withCondition('True'), 'has no condition Synced yet'],
  ['true', { expression: 'object.status.replicas >= 3' }, { status: { replicas: 3 } }, undefined],
  [
    'false',
    { expression: 'object.status.replicas >= 3' },
    { status: { replicas: 2 } },
    'object.status.replicas >= 3 is false',
  ],
  ['a fraction', { expression: 'object.status.used < 0.8' }, { status: { used: 0.5 } }, undefined],
  [
    'a list',
    { expression: 'object.status.conditions.exists(c, c.type == "Ready" && c.status == "True")' },
    withCondition('True'),
    undefined,
  ],
  [
    'integers',
    { expression: 'object.status.ready + 1 == object.spec.size' },
    { status: { ready: 2 }, spec: { size: 3 } },
    undefined,
  ],
  ['a null', { expression: 'object.spec.x == null' }, { spec: { x: null } }, undefined],
  ['no such field', { expression: 'object.status.x == 1' }, { status: {} }, 'object.status.x == 1: field not found: x'],
  ['has()', { expression: 'has(object.status.x)' }, { status: {} }, 'has(object.status.x) is false'],
  ['not a boolean', { expression: 'object.status' }, { status: {} }, 'object.status is not true or false'],
])('%s', (_name, how, object, problem) => {
  expect(healthProblem({ ...check, ...how }, object)).toBe(problem);
});

test.each([
  ['object.status.phase == "Running"', undefined],
  ['has(object.status) && object.status.ready', undefined],
  ['status.phase == "Running"', 'uses a name other than `object`'],
  ['object.status ==', 'is not a CEL expression: <input>:1:15: found = but expecting end of input'],
])('an expression of a stack: %s', (expression, problem) => {
  expect(expressionProblem(expression)).toBe(problem);
});

test('is named by kind, namespace and name', () => {
  expect(describeHealthCheck(check)).toBe('Thing a/b');
  expect(describeHealthCheck({ ...check, namespace: undefined })).toBe('Thing b');
});
