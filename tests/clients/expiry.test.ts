import { expiryOf } from '../../clients/expiry';

const now = new Date('2026-01-01T00:00:00Z');
const after = (hours: number) => new Date(now.getTime() + hours * 3_600_000);

test.each([
  ['no expiry', undefined, undefined],
  ['no date', new Date('x'), undefined],
  ['expired', after(0), { state: 'expired', why: 'it expired at 2026-01-01T00:00:00.000Z' }],
  ['within a day', after(24), { state: 'imminent', why: 'it expires at 2026-01-02T00:00:00.000Z, within 24 hours' }],
  ['after a day', after(25), { state: 'soon', why: 'it expires at 2026-01-02T01:00:00.000Z, in 2 days' }],
  ['after 14 days', after(14 * 24), { state: 'soon', why: 'it expires at 2026-01-15T00:00:00.000Z, in 14 days' }],
  ['later', after(14 * 24 + 1), undefined],
])('%s', (_, expiresAt, expiry) => {
  expect(expiryOf('it', expiresAt, now)).toEqual(expiry);
});
