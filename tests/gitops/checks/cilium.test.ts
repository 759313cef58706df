import { ownCaValues, wrongTrustBundleValues } from '../../../gitops/checks/cilium';

describe('ownCaValues', () => {
  const paths = (values: Parameters<typeof ownCaValues>[0]): string[] =>
    ownCaValues(values).map(({ path }) => path.join('.'));

  test('reports the CA that the chart generates by default', () => {
    expect(paths({})).toEqual(['hubble.tls.auto.method']);
    expect(paths({ hubble: { tls: { auto: { method: 'cronJob' } } } })).toEqual(['certgen.generateCA']);
    expect(paths({ hubble: { tls: { auto: { method: 'certmanager' } } } })).toEqual([]);
  });

  test('ignores Hubble and the mesh while they are disabled', () => {
    expect(paths({ hubble: { enabled: false } })).toEqual([]);
    expect(paths({ hubble: { enabled: false }, clustermesh: { useAPIServer: true } })).toEqual([
      'clustermesh.apiserver.tls.auto.method',
    ]);
    expect(paths({ hubble: { enabled: false }, tls: { ca: { cert: 'x', key: '' } } })).toEqual(['tls.ca.cert']);
  });
});

describe('wrongTrustBundleValues', () => {
  const seeded = { name: 'cilium-root-ca.crt', key: 'ca.crt' };
  const wrong = (caBundle: Record<string, string | boolean>): string[] =>
    wrongTrustBundleValues({ tls: { caBundle } }, seeded).map(({ path, what }) => `${path.join('.')} ${what}`);

  test("accepts the program's ConfigMap, which has the chart's default name", () => {
    expect(wrong({ enabled: true })).toEqual([]);
    expect(wrong({ enabled: true, name: 'cilium-root-ca.crt', key: 'ca.crt', useSecret: false, content: '' })).toEqual(
      [],
    );
  });

  test('reports a disabled bundle, which is the default', () => {
    expect(wrongTrustBundleValues({}, seeded).map(({ path, what }) => `${path.join('.')} ${what}`)).toEqual([
      'tls.caBundle.enabled trusts only the CA that issued its own certificates, not those in ConfigMap cilium-root-ca.crt',
    ]);
    expect(wrong({ enabled: false, name: 'other' })).toHaveLength(1);
  });

  test('reports all four ways to read another bundle together', () => {
    expect(wrong({ enabled: true, name: 'other', key: 'x.crt', useSecret: true, content: 'PEM' })).toEqual([
      'tls.caBundle.content renders ConfigMap cilium-root-ca.crt itself',
      'tls.caBundle.name reads its trust bundle from name other, but the program seeds cilium-root-ca.crt',
      'tls.caBundle.key reads its trust bundle from key x.crt, but the program seeds ca.crt',
      'tls.caBundle.useSecret reads its trust bundle from a Secret, but the program seeds ConfigMap cilium-root-ca.crt',
    ]);
  });
});
