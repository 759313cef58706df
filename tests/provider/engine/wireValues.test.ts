import fc from 'fast-check';
import {
  containsSecret,
  containsUnknown,
  sameValue,
  unwrap,
  UNKNOWN,
  withSecrets,
  wrapSecret,
} from '../../../provider/engine/wireValues';

const signature = '4dabf18193072939515e22adb298388d';
const secret = (value: unknown) => ({ [signature]: '1b47061264138c4ac30d75fd1eb44270', value });

describe('values in the wire format of the engine', () => {
  test('a secret is wrapped in the format of the engine', () => {
    expect(wrapSecret('k')).toEqual(secret('k'));
  });

  test('secrets are unwrapped at every depth', () => {
    const wire = { a: secret({ b: [secret('c'), 1] }), d: null };
    expect(unwrap(wire)).toEqual({ a: { b: ['c', 1] }, d: null });
    expect(containsSecret(wire)).toBe(true);
    expect(containsSecret({ a: ['b'] })).toBe(false);
  });

  test.each([
    ['string', '04da6b54-80e4-46f7-96ec-b56ff0331ba9'],
    ['boolean', '1c4a061d-8072-4f0a-a4cb-0ff528b18fe7'],
    ['number', '3eeb2bf0-c639-47a8-9e75-3b44932eb421'],
    ['array', '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2'],
    ['object', 'dd056dcd-154b-4c76-9bd3-c8f88648b5ff'],
    ['output without a value', { [signature]: 'd0e6a833031e9bbcd3f4e8bde6ca49a4', dependencies: [] }],
  ])('an unknown %s becomes UNKNOWN, also inside a secret', (_kind, marker) => {
    expect(unwrap(marker)).toBe(UNKNOWN);
    expect(containsUnknown(unwrap({ a: [secret(marker)] }))).toBe(true);
  });

  test('an output with a value becomes that value', () => {
    expect(unwrap({ [signature]: 'd0e6a833031e9bbcd3f4e8bde6ca49a4', value: 7, secret: true })).toBe(7);
  });

  test('only the named properties are wrapped, none twice; undefined ones are dropped', () => {
    expect(withSecrets({ a: 1, b: 'x', c: secret('y'), d: undefined }, ['b', 'c', 'e'])).toEqual({
      a: 1,
      b: secret('x'),
      c: secret('y'),
    });
  });

  test('wrapping and unwrapping returns any JSON value unchanged', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => sameValue(unwrap(wrapSecret(value)), value)));
  });

  test('key order is irrelevant, array order is not', () => {
    expect(sameValue({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toBe(true);
    expect(sameValue([1, 2], [2, 1])).toBe(false);
    expect(sameValue(undefined, 'undefined')).toBe(false);
  });
});
