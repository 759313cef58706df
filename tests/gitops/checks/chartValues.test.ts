import { defaultStorageClassMissing, defaultStorageClassTwice } from '../../../gitops/checks/chartValues';
import { findingsOf } from './handTree';
import { chart, tree } from './releaseTree';

describe('default StorageClasses of charts', () => {
  const classes = (...documents: string[]): number[] =>
    [defaultStorageClassTwice, defaultStorageClassMissing].map((check) => findingsOf(check, tree(...documents)).length);
  const openebs = (isDefault: boolean): string =>
    chart('openebs', `{localpv-provisioner: {hostpathClass: {isDefaultClass: ${isDefault}}}}`, 'o');

  test("Rook's chart creates a default class by default", () => {
    expect(classes(chart('rook-ceph-cluster', '{}'))).toEqual([0, 0]);
    expect(classes(chart('rook-ceph-cluster', '{cephBlockPools: [], cephFileSystems: []}'))).toEqual([0, 0]);
    const pool = (isDefault: boolean): string =>
      chart(
        'rook-ceph-cluster',
        `{cephFileSystems: [], cephBlockPools: [{storageClass: {enabled: true, name: b, isDefault: ${isDefault}}}]}`,
      );
    expect(classes(pool(true), openebs(false))).toEqual([0, 0]);
    expect(classes(pool(true), openebs(true))).toEqual([1, 0]);
    expect(classes(pool(false), openebs(false))).toEqual([0, 1]);
  });

  test('a cluster without any class needs no default', () => expect(classes()).toEqual([0, 0]));
});
