import { refusedValues } from '../../../cli/validate/charts/refusedValues';

const head = "values don't meet the specifications of the schema(s) in the following chart(s):\napp:\n";

test('reads Helm’s words, as its versions put them', () => {
  expect(refusedValues(`${head}- at '/relay/a~1b': got string, want integer\n- at '': missing property 'x'\n`)).toEqual(
    [
      { path: ['relay', 'a/b'], what: 'got string, want integer' },
      { path: [], what: "missing property 'x'" },
    ],
  );
  expect(refusedValues(`${head}- relay.replicas: Invalid type.\n- (root): y is required\n`)).toEqual([
    { path: ['relay', 'replicas'], what: 'Invalid type.' },
    { path: [], what: 'y is required' },
  ]);
});

test('tells keys that the schema does not allow', () => {
  const [refused] = refusedValues(`${head}- at '/a': additional properties 'b', 'c' not allowed`);
  expect(refused?.extra).toEqual(['b', 'c']);
});

test('another failure is none of values', () => {
  expect(refusedValues('execution error at (app/templates/x.yaml:1:3): - at least one is needed')).toEqual([]);
});
