import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { runAll } from '../../bench/all';
import { clusterNames, generatedClusters } from '../../bench/generatedClusters';
import { generatedEntry, generatedTree } from '../../bench/generatedTree';
import { labFigures } from '../../bench/lab/labFigures';
import { figureTable, isMet } from '../../bench/result';
import { logLogSlope } from '../../bench/slope';
import { crossClusterChecks } from '../../cluster/crossClusterChecks';
import { parseSettings } from '../../cluster/settings';
import { settingsSource } from '../cluster/fixtures';

const root = resolve(__dirname, '../..');

describe('logLogSlope', () => {
  const curve = (exponent: number) => [1, 10, 100].map((size) => ({ size, value: 3 * size ** exponent }));
  test.each([0, 1, 1.5, 2])('is the exponent %d of a power law', (exponent) => {
    expect(logLogSlope(curve(exponent))).toBe(exponent);
  });
  test('fits by least squares', () => {
    const values = [1, 2, 8].map((value, index) => ({ size: 2 ** index, value }));
    expect(logLogSlope(values)).toBe(1.5);
  });
  test('refuses one size, and values that have no logarithm', () => {
    expect(() => logLogSlope([{ size: 1, value: 1 }])).toThrow('at least two sizes');
    expect(() => logLogSlope([...curve(1), { size: 1, value: 0 }])).toThrow('not positive');
  });
});

describe('generatedClusters', () => {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const sample = {
    settings: read('kubernetes/clusters/infra/cluster-settings.yaml'),
    stack: read('Pulumi.infra.yaml'),
  };
  const files = generatedClusters({ clusters: 60, nodes: 300 }, sample);
  const settings = (name: string) => {
    const { data } = parse(files[`kubernetes/clusters/${name}/cluster-settings.yaml`] ?? '') as {
      data: Record<string, string>;
    };
    return parseSettings(settingsSource(name, data));
  };
  const config = (name: string) =>
    (parse(files[`Pulumi.${name}.yaml`] ?? '') as { config: Record<string, unknown> }).config;
  const nodes = (name: string) => config(name)['k8s-gitops:nodes'] as { name: string; role: string; address: string }[];

  test('has settings and a stack file for each cluster, and nothing else', () => {
    expect(Object.keys(files)).toHaveLength(120);
    expect(clusterNames(2)).toEqual(['c0', 'c1']);
  });

  test('gives every node an address of its own', () => {
    const all = clusterNames(60).flatMap(nodes);
    expect(new Set(all.map(({ address }) => address)).size).toBe(18_000);
    expect(nodes('c1')[0]).toEqual({ name: 'c1-0', role: 'controlplane', address: '10.2.0.11' });
    expect(nodes('c1')[299]).toEqual({ name: 'c1-299', role: 'worker', address: '10.2.1.60' });
  });

  test('only the first owns the zone; no two clusters conflict', () => {
    const owns = clusterNames(60).map(
      (name) => (config(name)['k8s-gitops:cloudflare'] as { ownsZone: boolean }).ownsZone,
    );
    expect(owns).toEqual([true, ...Array<boolean>(59).fill(false)]);
    expect(clusterNames(60).flatMap((name) => settings(name).problems)).toEqual([]);
    const [first, ...others] = clusterNames(60).map((name) => ({
      name,
      settings: settings(name).settings,
      nodes: nodes(name),
    }));
    const at = (...path: PropertyKey[]) => path.join('.');
    const checked = {
      stack: 'c0',
      config: { nodes: first?.nodes } as never,
      at: at as never,
      settings: first?.settings ?? {},
      settingsSource: settingsSource('c0', {}),
      keys: new Set<string>(),
    };
    expect(crossClusterChecks(checked, others)).toEqual([]);
  });
});

describe('generatedTree', () => {
  const files = generatedTree(25);

  test('has as many apps as asked for, ten to a namespace', () => {
    const paths = Object.keys(files);
    expect(paths.filter((path) => path.endsWith('/ks.yaml'))).toHaveLength(25);
    expect(paths.filter((path) => path.endsWith('/namespace.yaml'))).toHaveLength(3);
    expect(paths).toContain(`${generatedEntry}/kustomization.yaml`);
  });

  test('is valid YAML; apps of a namespace depend on each other in a row', () => {
    for (const text of Object.values(files)) {
      const documents = parseAllDocuments(text);
      expect(Array.isArray(documents) && documents.flatMap(({ errors }) => errors)).toEqual([]);
    }
    const dependsOn = (path: string) => (parse(files[path] ?? '') as { spec: { dependsOn?: unknown } }).spec.dependsOn;
    expect(dependsOn('workloads/n1/n1-app0/ks.yaml')).toBeUndefined();
    expect(dependsOn('workloads/n1/n1-app9/ks.yaml')).toEqual([{ name: 'n1-app8' }]);
  });
});

describe('figures', () => {
  const figures = [
    { benchmark: 'a', name: 'cold', value: 1, unit: 's', target: 1 },
    { benchmark: 'a', name: 'slope', value: 1.3, unit: '', target: 1.2 },
    { benchmark: 'b', name: 'memory', value: 12, unit: 'MiB' },
  ];

  test('meet a target that they do not exceed', () => {
    expect(figures.map(isMet)).toEqual([true, false, undefined]);
  });

  test("a lab's are its seconds, and the ratio if one cluster ran alone", () => {
    const up = { name: 'lab up', value: 130, unit: 's', target: 120 };
    expect(labFigures({ seconds: 130 })).toEqual([up]);
    const ratio = { name: 'all clusters against one', value: 1.4, unit: '', target: 1.5 };
    expect(labFigures({ together: { seconds: 130 }, ratio: 1.4 })).toEqual([up, ratio]);
  });

  test('become a table', () => {
    expect(figureTable(figures).split('\n')).toEqual([
      'a: cold       1 s  ≤ 1    met',
      'a: slope      1.3  ≤ 1.2  NOT MET',
      'b: memory  12 MiB',
    ]);
  });

  test('all benchmarks run in order; one that fails does not stop the others', async () => {
    const lines: string[] = [];
    const results = await runAll(
      {
        broken: () => Promise.reject(new Error('no tool')),
        fine: async () => ({ figures: [{ name: 'cold', value: 2, unit: 's', target: 1 }], detail: 7 }),
      },
      (line) => lines.push(line),
    );
    expect(results.figures).toEqual([{ benchmark: 'fine', name: 'cold', value: 2, unit: 's', target: 1, met: false }]);
    expect(results.benchmarks.broken).toEqual({ error: 'no tool' });
    expect(results.benchmarks.fine).toMatchObject({ detail: 7 });
    expect(lines).toEqual(['bench: broken', 'bench broken: no tool', 'bench: fine']);
  });
});
