import { duration, fit, megabytes, oneLine, truncate, widthOf } from '../../../tools/display/text';

test.each([
  [0, '0.0s'],
  [4_249, '4.2s'],
  [9_999, '9.9s'],
  [10_000, '10s'],
  [59_999, '59s'],
  [112_000, '1m 52s'],
  [3_599_999, '59m 59s'],
  [3_720_000, '1h 02m'],
  [-5, '0.0s'],
])('%d ms is %s', (milliseconds, text) => expect(duration(milliseconds)).toBe(text));

test.each([
  [640_400, '640 kB'],
  [999_999, '1000 kB'],
  [12_540_000, '12.5 MB'],
])('%d bytes are %s', (bytes, text) => expect(megabytes(bytes)).toBe(text));

test.each([
  ['short', 5, 'short'],
  ['longer', 5, 'long…'],
  ['with a space', 6, 'with…'],
  ['日本語', 6, '日本語'],
  // A wide character does not fit into the one column that is left.
  ['日本語です', 6, '日本…'],
  ['é́é́é́', 2, 'é́…'],
  ['👩‍👩‍👧👩‍👩‍👧', 3, '👩‍👩‍👧…'],
  ['any', 0, ''],
])('%s in %d columns is %s', (text, columns, truncated) => {
  expect(truncate(text, columns)).toBe(truncated);
  expect(widthOf(truncated)).toBeLessThanOrEqual(columns);
});

test('fit pads to the width on the screen', () => {
  expect(fit('日本', 6)).toBe('日本  ');
  expect(fit('abc', 2)).toBe('a…');
});

test('control characters and line breaks of other programs do not reach the terminal', () => {
  expect(oneLine('\x1b[31mred\x1b[0m\n two\tthree\x07\x1b]0;title\x07 ')).toBe('red two three');
});
