import { fluxSyncs } from '../../../gitops/checks/facts/fluxInstance';
import { secretMadeTwice } from '../../../gitops/checks/ownership';
import { findingsOf, handTree } from './handTree';

describe('secret-made-twice', () => {
  const external = (name: string, policy = ''): string =>
    `apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: ${name}, namespace: a}\nspec: {target: {name: s${policy}}}\n`;
  const found = (...files: string[]): string[] =>
    findingsOf(
      secretMadeTwice,
      handTree([
        { name: 'flux-system', files: Object.fromEntries(files.map((text, index) => [`${index}.yaml`, text])) },
      ]),
    );

  test('reports two creators of the same kind, or of different kinds', () => {
    expect(found(external('x'), external('y'))).toEqual([
      '1.yaml:4 creates Secret a/s, which ExternalSecret a/x also creates',
    ]);
    const certificate =
      'apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c, namespace: a}\nspec: {secretName: s}\n';
    expect(found(certificate, external('y'))).toEqual([
      '1.yaml:4 creates Secret a/s, which Certificate a/c also creates',
    ]);
  });

  test('ignores an ExternalSecret that only merges into the Secret', () => {
    expect(found(external('x'), external('y', ', creationPolicy: Merge'))).toEqual([]);
  });
});

test('the sync of a FluxInstance is named after its namespace unless it sets a name', () => {
  const instance = (sync: string): ReturnType<typeof handTree> =>
    handTree([
      {
        name: 'flux-system',
        files: {
          'i.yaml': `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux, namespace: flux-system}\nspec:\n  sync: ${sync}\n`,
        },
      },
    ]);
  const syncs = (sync: string): string[] =>
    instance(sync).clusters.flatMap((cluster) => fluxSyncs(cluster).map(({ kind, name }) => `${kind} ${name}`));
  expect(syncs('{kind: OCIRepository}')).toEqual(['OCIRepository flux-system']);
  expect(syncs('{name: fleet}')).toEqual(['GitRepository fleet']);
});
