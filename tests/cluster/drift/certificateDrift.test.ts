import { certificateDrift } from '../../../cluster/drift/certificateDrift';

const now = new Date('2026-06-01T00:00:00Z');
const day = 86_400_000;
const certificate = (fromDays: number, toDays: number, upRenewsDays?: number) => ({
  ...{ object: 'machine a', field: 'certificate of the Talos API', todo: 'reboot it' },
  notBefore: new Date(now.getTime() + fromDays * day),
  notAfter: new Date(now.getTime() + toDays * day),
  ...(upRenewsDays !== undefined && { upRenewsDays }),
});
const found = (...certificates: ReturnType<typeof certificate>[]) =>
  certificateDrift(certificates, now).map(({ found: until, why, upMends }) => [until, why, upMends]);

test('those that are well within their lifetime are silent', () => {
  expect(found(certificate(-180, 185), certificate(-0.5, 0.5), certificate(-1, 364, 30))).toEqual([]);
});

test('one that the machine should have renewed, by the share of its lifetime', () => {
  expect(found(certificate(-364, 1), certificate(-0.95, 0.05))).toEqual([
    [
      'valid until 2026-06-02T00:00:00.000Z',
      'less than 10 % of the lifetime of the certificate is left, and nothing has renewed it',
      undefined,
    ],
    [
      'valid until 2026-06-01T01:12:00.000Z',
      'less than 10 % of the lifetime of the certificate is left, and nothing has renewed it',
      undefined,
    ],
  ]);
});

test('one that pulumi up renews, by days', () => {
  expect(found(certificate(-336, 29, 30), certificate(-335, 30, 30))).toEqual([
    ['valid until 2026-06-30T00:00:00.000Z', 'the certificate expires within 30 days', true],
  ]);
});

test('expired, and not valid yet', () => {
  expect(found(certificate(-10, -1), certificate(1, 365)).map(([, why]) => why)).toEqual([
    'the certificate has expired',
    'the certificate is not valid before 2026-06-02T00:00:00.000Z',
  ]);
});
