import { posix } from 'node:path';
import { specOf, valueAt } from '../kubernetesObject';
import type { TreeCluster } from '../tree';
import type { Check, RawFinding } from './check';
import { chartRepositories, releases } from './facts/charts';
import { inventoryOf } from './facts/existence';
import type { Target } from './facts/referenceTable';
import { findingAt, show } from './finding';
import { describeTarget, referenceRule } from './references';

/** The sources that Kustomizations are rendered from: one that Git does not declare came with the Flux installation. */
function isKustomizationSource(cluster: TreeCluster, target: Target): boolean {
  return cluster.kustomizations.some(({ object, namespace }) => {
    const ref = specOf(object)['sourceRef'];
    return (
      `source.toolkit.fluxcd.io/${show(valueAt(ref, 'kind'))}` === target.kind &&
      valueAt(ref, 'name') === target.name &&
      (valueAt(ref, 'namespace') ?? namespace) === target.namespace
    );
  });
}

/** A HelmRelease whose chart source does not exist. */
export const chartSourceMissing: Check = referenceRule(
  {
    id: 'chart-source-missing',
    severity: 'error',
    set: 'general',
    why: 'A release without its source is never installed.',
  },
  ({ tree, cluster, reference }) => {
    if (isKustomizationSource(cluster, reference)) return undefined;
    const { name, namespace = '' } = reference;
    const elsewhere = inventoryOf(tree, cluster)
      .ofKind(reference.kind)
      .find(({ object }) => object.metadata.name === name);
    const hint = elsewhere === undefined ? '' : `; there is one in ${elsewhere.object.metadata.namespace ?? ''}`;
    const kind = reference.kind.slice(reference.kind.lastIndexOf('/') + 1);
    return {
      what: `takes its chart from ${describeTarget(reference)}, which does not exist on this cluster${hint}`,
      todo:
        elsewhere === undefined
          ? `correct the name, or declare ${kind} ${name} in ${namespace}`
          : `move it to ${namespace}`,
    };
  },
);

/** A HelmRelease whose chart is not an OCI artifact. */
export const chartNotOci: Check = {
  id: 'chart-not-oci',
  severity: 'error',
  set: 'platform',
  why: 'All charts come as OCI artifacts: the program installs the core from there, and signatures are verified there.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { release, chart } of releases(cluster)) {
        if (chart.source.kind === 'OCIRepository') continue;
        const what = `takes its chart from a ${chart.source.kind}`;
        const todo = 'add an OCIRepository next to it, and reference that in spec.chartRef';
        yield findingAt(tree, cluster, release, ['spec', chart.by], what, todo);
      }
    }
  },
};

/** A chart source that is not next to its HelmRelease. */
export const chartSourceElsewhere: Check = {
  id: 'chart-source-elsewhere',
  severity: 'error',
  set: 'platform',
  why: 'A release and its source belong together; bootstrap looks for the source next to the release.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { release, chart } of releases(cluster)) {
        const { declared } = chart;
        // Another namespace is reported by cross-namespace-reference.
        if (declared === undefined || declared.object.metadata.namespace !== release.object.metadata.namespace)
          continue;
        const otherKustomization = declared.kustomization !== release.kustomization;
        if (!otherKustomization && posix.dirname(declared.file) === posix.dirname(release.file)) continue;
        const where = otherKustomization ? `Kustomization ${declared.kustomization}` : posix.dirname(declared.file);
        const what = `takes its chart from ${chart.source.kind} ${chart.source.name}, which is in ${where}`;
        const todo = `move ${chart.source.name} to ${posix.dirname(release.file)}`;
        yield findingAt(tree, cluster, release, ['spec', chart.by], what, todo);
      }
    }
  },
};

const chartLayer = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';

/** An OCIRepository of a chart that does not select the chart layer. */
export const layerSelectorMissing: Check = {
  id: 'layer-selector-missing',
  severity: 'error',
  set: 'platform',
  why: 'Without a selector that copies the chart layer, source-controller extracts the first layer, and the release finds no chart.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const object of chartRepositories(cluster).keys()) {
        const selector = specOf(object.object)['layerSelector'];
        const wrong =
          selector === undefined
            ? []
            : [
                ...(valueAt(selector, 'mediaType') === chartLayer ? [] : ['mediaType']),
                ...(valueAt(selector, 'operation') === 'copy' ? [] : ['operation']),
              ];
        if (selector !== undefined && wrong.length === 0) continue;
        const path = ['spec', ...(selector === undefined ? [] : ['layerSelector', ...wrong.slice(0, 1)])];
        const what =
          selector === undefined ? 'has no layerSelector' : `has a layerSelector with a wrong ${wrong.join(' and ')}`;
        const todo = `set spec.layerSelector to mediaType ${chartLayer}, operation copy`;
        yield findingAt(tree, cluster, object, path, what, todo);
      }
    }
  },
};
