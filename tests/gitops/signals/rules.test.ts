import { signalRules } from '../../../gitops/signals/registry';
import { firstCases } from './cases';
import { changeOf, textsBy } from './change';
import { moreCases } from './moreCases';

const cases = { ...firstCases, ...moreCases };

test('every rule has cases, and every case a rule', () => {
  expect(Object.keys(cases).sort()).toEqual(signalRules.map(({ id }) => id).sort());
  expect(new Set(signalRules.map(({ id }) => id)).size).toBe(signalRules.length);
});

describe.each(Object.entries(cases))('%s', (id, { raises, silent }) => {
  test('is raised', () => expect(textsBy(id, changeOf(raises.before, raises.after))).toEqual(raises.says));

  test.each(Object.entries(silent))('is not: %s', (_, { before, after }) =>
    expect(textsBy(id, changeOf(before, after))).toEqual([]),
  );
});
