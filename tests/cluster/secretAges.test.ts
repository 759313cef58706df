import { fieldAges, secretAge } from '../../cluster/secretAges';

test('the age of a secret follows from when it was made and from its category', () => {
  expect(secretAge('bootstrap-token', '2026-01-01T00:00:00.000Z', '2026-03-31T00:00:00.000Z')).toEqual({
    category: 'bootstrap-token',
    madeAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-03-31T00:00:00.000Z',
    replaceBy: '2026-04-01T00:00:00.000Z',
  });
  expect(secretAge('encryption-key', '2026-01-01T00:00:00.000Z')).toEqual({
    category: 'encryption-key',
    madeAt: '2026-01-01T00:00:00.000Z',
  });
  expect(secretAge('api-key')).toEqual({ category: 'api-key' });
  expect(secretAge('api-key', 'unreadable')).toEqual({ category: 'api-key', madeAt: 'unreadable' });
});

test('fields have their full path', () => {
  const definition = { name: 'east', tsigItem: 'kubernetes/east/external-dns-rfc2136' };
  expect(Object.keys(fieldAges(definition, { ciliumCa: '2026-01-01T00:00:00.000Z', webhookToken: 'x' }))).toEqual([
    'kubernetes/shared/cilium-ca ca.key',
    'kubernetes/east/flux webhook-token',
  ]);
});
