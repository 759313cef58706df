import { invalidValues } from '../../../cli/validate/charts/invalidValues';

const head = "values don't meet the specifications of the schema(s) in the following chart(s):\napp:\n";

test("parses the messages of Helm's versions", () => {
  expect(invalidValues(`${head}- at '/relay/a~1b': got string, want integer\n- at '': missing property 'x'\n`)).toEqual(
    [
      { path: ['relay', 'a/b'], what: 'got string, want integer' },
      { path: [], what: "missing property 'x'" },
    ],
  );
  expect(invalidValues(`${head}- relay.replicas: Invalid type.\n- (root): y is required\n`)).toEqual([
    { path: ['relay', 'replicas'], what: 'Invalid type.' },
    { path: [], what: 'y is required' },
  ]);
});

test('returns the keys that the schema does not allow', () => {
  const [invalid] = invalidValues(`${head}- at '/a': additional properties 'b', 'c' not allowed`);
  expect(invalid?.extra).toEqual(['b', 'c']);
});

test('returns nothing for any other failure', () => {
  expect(invalidValues('execution error at (app/templates/x.yaml:1:3): - at least one is needed')).toEqual([]);
});
