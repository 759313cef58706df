import { compatibility, compatibilityRows, rangeText } from '../../gitops/compatibility';

test('the table has one row for each pair, with its source and date', () => {
  const keys = compatibilityRows.map(({ product, minor, other }) => `${product} ${minor} ${other}`);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { source, read } of compatibilityRows) {
    expect(source).toMatch(/v\d+\.\d+\.\d+/);
    expect(read).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  }
});

test.each([
  ['Talos', 'v1.11.2', 'Kubernetes', 'v1.34.9', 'fits'],
  ['Talos', 'v1.11.2', 'Kubernetes', 'v1.29.0', 'fits'],
  ['Talos', 'v1.11.2', 'Kubernetes', 'v1.35.0', 'outside'],
  ['Talos', 'v1.11.2', 'Kubernetes', 'v1.28.15', 'outside'],
  ['Cilium', '1.20.1', 'Gateway API', 'v1.3.0', 'outside'],
  ['Cilium', '1.20.1', 'Gateway API', 'v1.6.0', 'outside'],
  ['Cilium', '1.20.1', 'Gateway API', 'v1.6.1', 'fits'],
  ['Cilium', '1.18.3', 'Gateway API', 'v1.3.0', 'fits'],
  ['Rook', 'v1.18.6', 'Ceph', 'v19.2.3', 'fits'],
  ['Rook', 'v1.18.6', 'Ceph', 'v18.1.0', 'outside'],
  ['Rook', 'v1.18.6', 'Ceph', 'v20.2.0', 'outside'],
  ['Cilium', '1.18.3+4fb4c8d0c184', 'Gateway API', 'v1.3.0', 'fits'],
  // Not in the table, a range, or a pre-release.
  ['Talos', 'v1.99.0', 'Kubernetes', 'v1.34.1', 'unknown'],
  ['Talos', 'v1.11.2', 'Kubernetes', '1.34.x', 'unknown'],
  ['Cilium', '1.20.0-rc.0', 'Gateway API', 'v1.3.0', 'unknown'],
] as const)('%s %s and %s %s: %s', (product, version, other, otherVersion, state) => {
  expect(compatibility(product, version, other, otherVersion).state).toBe(state);
});

test('ranges as text', () => {
  const text = (product: string, minor: string, other: string) =>
    compatibilityRows
      .filter((row) => row.product === product && row.minor === minor && row.other === other)
      .map((row) => rangeText(row));
  expect(text('Talos', '1.11', 'Kubernetes')).toEqual(['Kubernetes 1.29 to 1.34']);
  expect(text('Cilium', '1.20', 'Gateway API')).toEqual(['Gateway API 1.6.1 or later']);
});
