import { failureReason } from '../../../clients/http/failureReason';

test.each([
  [
    'the innermost error',
    new TypeError('fetch failed', { cause: new Error('other side closed') }),
    'other side closed',
  ],
  [
    'the first of several addresses',
    new TypeError('fetch failed', { cause: new AggregateError([new Error('refused'), new Error('timed out')], '') }),
    'refused',
  ],
  ['an error without a cause', new Error('plain'), 'plain'],
  ['what is not an error', 'text', 'text'],
])('reports the message of %s', (_what, error, reason) => {
  expect(failureReason(error)).toBe(reason);
});
