import { printable, textFault } from '../../gitops/plainText';

test.each([
  ['an ordinary name, with Umläuten and 漢字', undefined],
  ['', undefined],
  ['a\u0000b', 'text of visible characters and plain spaces'],
  ['a\tb', 'text of visible characters and plain spaces'],
  ['a\u0085b', 'text of visible characters and plain spaces'],
  ['a\u00a0b', 'text of visible characters and plain spaces'],
  ['a\u00adb', 'text of visible characters and plain spaces'],
  ['a\u200bb', 'text of visible characters and plain spaces'],
  ['a\u202eb', 'text of visible characters and plain spaces'],
  ['a\u2066b', 'text of visible characters and plain spaces'],
  ['\ufeffa', 'text of visible characters and plain spaces'],
  ['a\u{e0041}b', 'text of visible characters and plain spaces'],
  ['a\u3164b', 'text of visible characters and plain spaces'],
  ['a\ud800b', 'text of visible characters and plain spaces'],
  [' a', 'text without spaces around it'],
  ['a ', 'text without spaces around it'],
  ['x'.repeat(1001), 'at most 1000 characters'],
  ['x'.repeat(1000), undefined],
])('%j', (text, fault) => {
  expect(textFault(text)).toBe(fault);
});

test('a text for a message has no hidden characters and the length that it may have', () => {
  expect(printable('a\u202eb\u{e0041}\u0007 c')).toBe('a\\u202eb\\u{e0041}\\u0007 c');
  expect(printable('x'.repeat(100), 10)).toBe('xxxxxxx...');
});
