import fc from 'fast-check';
import { substitute } from '../../gitops/substitute';

// Every result here was also given by the substitution library that kustomize-controller 1.7.2 uses (run by hand).
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

describe('what a text becomes', () => {
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
    // Flux writes these in quotes, and quoted they stay texts.
    ['"${NUM}"', '"7"'],
    ['[${NUM}]', '[7]'],
    [' ${NUM}', ' 7'],
    ['line ${NUM}\n', 'line 7\n'],
    ['a: ${NUM}', 'a: 7'],
    // Defaults count for unset and for empty, and are read as YAML, too.
    ['${UNSET:=text}', 'text'],
    ['${UNSET:-5}', 5],
    ['${UNSET=x}', 'x'],
    ['${EMPTY:=e}', 'e'],
    ['${NUM:=9}', 7],
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

  test('numbers, booleans and null stay as they are', () => {
    const object = { a: 1, b: true, c: null, d: [1, 'x', { e: false }] };
    expect(substitute(object, values)).toEqual({ object, problems: [] });
  });

  test('keys are substituted, and stay texts', () => {
    expect(substitute({ '${HOST}': 1, 'n-${NUM}': 2, '${NUM}': 3 }, values).object).toEqual({
      'example.org': 1,
      'n-7': 2,
      '7': 3,
    });
  });
});

describe('what is refused', () => {
  const form = (shown: string): string =>
    `has ${shown}, a form that is not supported; use \${VAR}, \${VAR:=default}, or $$ for a dollar sign`;

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

  test('a name that every JavaScript object has is no variable', () => {
    expect(read('${constructor}')).toEqual(['${constructor} is not set']);
  });

  test('all problems come at once, with the text and the variable', () => {
    const { problems } = substitute({ a: '${ONE}', b: ['${TWO}'] }, values);
    expect(problems).toEqual([
      { variable: 'ONE', text: '${ONE}', message: '${ONE} is not set' },
      { variable: 'TWO', text: '${TWO}', message: '${TWO} is not set' },
    ]);
  });
});

test('a key named __proto__ is a key like any other', () => {
  const object = JSON.parse('{"__proto__": {"a": "${HOST}"}}') as never;
  expect(JSON.stringify(substitute(object, values).object)).toBe('{"__proto__":{"a":"example.org"}}');
});

test('whatever has no dollar sign is left alone', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!JSON.stringify(value).includes('$'));
      expect(substitute({ value: value as never }, values)).toEqual({ object: { value }, problems: [] });
    }),
  );
});

test('an escaped text comes back as it was', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z${}:=-]{1,20}$/), (text) => {
      // Letters around it keep it a plain text for every YAML reader.
      const whole = `"${text}"`;
      expect(substitute({ value: whole.replaceAll('$', '$$$$') }, {}).object).toEqual({ value: whole });
    }),
  );
});
