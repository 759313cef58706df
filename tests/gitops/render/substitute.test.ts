import fc from 'fast-check';
import { substitute } from '../../../gitops/render/substitute';

// Every result was verified by hand against the substitution library of kustomize-controller 1.7.2.
const values = {
  HOST: 'example.org',
  NUM: '7',
  FLAG: 'true',
  VERSION: '1.18.3',
  CIDR: '10.244.0.0/16',
  LIST: '["a", 1]',
  EMPTY: '',
  NULL: 'null',
};

const read = (text: string): unknown => {
  const { object, problems } = substitute({ value: text }, values);
  return problems.length > 0 ? problems.map(({ message }) => message) : object.value;
};

describe('substitution in a string', () => {
  test.each<[string, unknown]>([
    ['plain', 'plain'],
    ['${HOST}', 'example.org'],
    ['https://${HOST}:${NUM}/x', 'https://example.org:7/x'],
    ['${NUM}', 7],
    ['${NUM}.${NUM}', 7.7],
    ['0x${NUM}', 7],
    ['v${NUM}', 'v7'],
    ['${FLAG}', true],
    ['${VERSION}', '1.18.3'],
    ['${CIDR}', '10.244.0.0/16'],
    ['${LIST}', ['a', 1]],
    ['${EMPTY}', null],
    ['${NULL}', null],
    ['${HOST}${EMPTY}', 'example.org'],
    // Flux serializes these in quotes, so they stay strings.
    ['"${NUM}"', '"7"'],
    ['[${NUM}]', '[7]'],
    [' ${NUM}', ' 7'],
    ['line ${NUM}\n', 'line 7\n'],
    ['a: ${NUM}', 'a: 7'],
    // Defaults apply to unset and empty variables, and are parsed as YAML too.
    ['${UNSET:=text}', 'text'],
    ['${UNSET:-5}', 5],
    ['${UNSET=x}', 'x'],
    ['${EMPTY:=e}', 'e'],
    ['${NUM:=9}', 7],
    // Without a prefix.
    ['${HOST#example.}', 'org'],
    ['${HOST#org}', 'example.org'],
    ['https://${HOST#example.}:${NUM}', 'https://org:7'],
    ['${CIDR#10.244.0.0/}', 16],
    ['${EMPTY#x}', null],
    // Without a suffix.
    ['${HOST%.org}', 'example'],
    ['${HOST%example}', 'example.org'],
    ['${HOST%.org}/${NUM}', 'example/7'],
    ['${UNSET:=a:b}', 'a:b'],
    // Dollar signs.
    ['$${HOST}', '${HOST}'],
    ['$$', '$'],
    ['$$$${HOST}', '$${HOST}'],
    ['$$${HOST}', '$example.org'],
    ['cost: $5, $HOST', 'cost: $5, $HOST'],
    ['end$', 'end$'],
  ])('%j', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test('keeps numbers, booleans and null', () => {
    const object = { a: 1, b: true, c: null, d: [1, 'x', { e: false }] };
    expect(substitute(object, values)).toEqual({ object, problems: [] });
  });

  test('substitutes keys, which stay strings', () => {
    expect(substitute({ '${HOST}': 1, 'n-${NUM}': 2, '${NUM}': 3 }, values).object).toEqual({
      'example.org': 1,
      'n-7': 2,
      '7': 3,
    });
  });
});

describe('rejects', () => {
  const form = (shown: string): string =>
    `contains the unsupported form ${shown}; use \${VAR}, \${VAR:=default}, \${VAR#prefix}, \${VAR%suffix}, or $$ for a dollar sign`;

  test.each<[string, string]>([
    ['${UNSET}', '${UNSET} is not set'],
    ['${1}', '${1} is not set'],
    ['${HOST', form('${HOST')],
    ['${}', form('${}')],
    ['${a.b}', form('${a.b}')],
    ['${HOST:?must}', form('${HOST:?must}')],
    ['${HOST^^}', form('${HOST^^}')],
    ['${#HOST}', form('${#HOST}')],
    ['${UNSET:=${HOST}}', form('${UNSET:=${HOST}')],
  ])('%j', (text, message) => {
    expect(read(text)).toEqual([message]);
  });

  test('a variable named like a built-in property of JavaScript objects', () => {
    expect(read('${constructor}')).toEqual(['${constructor} is not set']);
  });

  test('every problem, with its string and variable', () => {
    const { problems } = substitute({ a: '${ONE}', b: ['${TWO}'] }, values);
    expect(problems).toEqual([
      { variable: 'ONE', text: '${ONE}', message: '${ONE} is not set' },
      { variable: 'TWO', text: '${TWO}', message: '${TWO} is not set' },
    ]);
  });
});

test('treats __proto__ as an ordinary key', () => {
  const object = JSON.parse('{"__proto__": {"a": "${HOST}"}}') as never;
  expect(JSON.stringify(substitute(object, values).object)).toBe('{"__proto__":{"a":"example.org"}}');
});

test('leaves values without a dollar sign unchanged', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!JSON.stringify(value).includes('$'));
      expect(substitute({ value: value as never }, values)).toEqual({ object: { value }, problems: [] });
    }),
  );
});

test('unescapes an escaped string to the original', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z${}:=-]{1,20}$/), (text) => {
      // The quotes around it make it a string for every YAML parser.
      const quoted = `"${text}"`;
      expect(substitute({ value: quoted.replaceAll('$', '$$$$') }, {}).object).toEqual({ value: quoted });
    }),
  );
});
