import { parseBytes, parseSizeCondition } from '../../cluster/diskSize';

test.each([
  ['400GB', 400e9],
  ['1 TiB', 2 ** 40],
  ['1.5k', 1500],
  ['1,024', 1024],
  ['12b', 12],
  ['12ib', undefined],
  ['20eb', undefined],
  ['GB', undefined],
  ['', undefined],
  ['1 parsec', undefined],
])('%s is %s bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each([
  ['>= 400GB', { operator: '>=', bytes: 400e9 }],
  [' <1TiB ', { operator: '<', bytes: 2 ** 40 }],
  ['400GB', { operator: '==', bytes: 400e9 }],
  ['= 400GB', undefined],
  ['400GB or more', undefined],
  ['>=', undefined],
])('the condition %s', (text, condition) => {
  expect(parseSizeCondition(text)).toEqual(condition);
});
