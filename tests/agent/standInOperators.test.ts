import { StandInOperators, includes } from '../../lab/agent/standInOperators';
import { standInRules } from '../../lab/agent/standInRules';
import { available, withApi } from './apiServer';

const certificates = '/apis/cert-manager.io/v1/certificates';
const certificate = {
  metadata: { name: 'wildcard', namespace: 'gateway', generation: 3 },
  spec: { issuerRef: { kind: 'ClusterIssuer', name: 'own' } },
};
const issuerPath = '/apis/cert-manager.io/v1/clusterissuers/own';
const issuer = { spec: { selfSigned: {} }, status: { conditions: [{ type: 'Ready', status: 'True' }] } };

test('an operator that is not running reports nothing', () =>
  withApi({ [certificates]: [certificate] }, async (api, patched) => {
    await new StandInOperators().reconcile(api, () => available(0), undefined);
    expect(patched).toEqual([]);
  }));

test('a running operator reports its objects as ready and identifies itself as a stand-in', () =>
  withApi({ [certificates]: [certificate], [issuerPath]: issuer }, async (api, patched) => {
    const operators = new StandInOperators();
    await operators.reconcile(api, (namespace) => available(namespace === 'cert-manager' ? 1 : 0), undefined);
    expect(patched).toEqual([
      {
        path: '/apis/cert-manager.io/v1/namespaces/gateway/certificates/wildcard/status',
        body: {
          status: {
            conditions: [
              {
                ...{ type: 'Ready', status: 'True', reason: 'Ready', message: 'reported by a stand-in of the lab' },
                ...{ observedGeneration: 3, lastTransitionTime: '2025-01-01T00:00:00Z' },
              },
            ],
          },
        },
      },
    ]);
    const line = operators.status().find(({ name }) => name.endsWith(': Certificate'));
    expect(line).toEqual({
      ...{ name: 'cert-manager controller (stand-in): Certificate', version: 'rule', real: false, state: 'done' },
      message: '1 reported: Ready; issues nothing',
    });
  }));

test('a refused object is not ready, with the reason, and the status page says so', () =>
  withApi({ [certificates]: [certificate] }, async (api, patched) => {
    const operators = new StandInOperators();
    await operators.reconcile(api, () => available(1), undefined);
    expect(patched).toMatchObject([
      {
        body: {
          status: {
            conditions: [
              { type: 'Ready', status: 'False', message: 'a stand-in of the lab refuses: ClusterIssuer own not found' },
            ],
          },
        },
      },
    ]);
    expect(operators.skipped).toBe(true);
    expect(operators.status().find(({ name }) => name.endsWith(': Certificate'))).toMatchObject({
      state: 'waiting',
      message: expect.stringContaining('refuses gateway/wildcard: ClusterIssuer own not found'),
    });
  }));

test('does not repeat a report', () =>
  withApi(
    {
      [issuerPath]: issuer,
      [certificates]: [
        {
          ...certificate,
          status: standInRules.find(({ kind }) => kind === 'Certificate')?.status(certificate, poolState),
        },
      ],
    },
    async (api, patched) => {
      await new StandInOperators().reconcile(api, () => available(1), undefined);
      expect(patched).toEqual([]);
    },
  ));

const poolState = { pools: [], taken: new Set<string>() };

test('every rule names its operator, and every kind has one rule', () => {
  const kinds = standInRules.map(({ api, plural }) => `${api}/${plural}`);
  expect(new Set(kinds).size).toBe(kinds.length);
  expect(new StandInOperators().status().every(({ real, name }) => !real && name.includes('(stand-in)'))).toBe(true);
});

test.each<[unknown, unknown, boolean]>([
  [{ a: 1, b: 2 }, { a: 1 }, true],
  [{ a: 1 }, { a: 2 }, false],
  [undefined, { a: 1 }, false],
  [{ a: [{ b: 1, c: 2 }] }, { a: [{ b: 1 }] }, true],
  [{ a: [1, 2] }, { a: [1] }, false],
])('%j includes %j: %s', (actual, expected, result) => {
  expect(includes(actual, expected)).toBe(result);
});
