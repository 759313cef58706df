import { posix } from 'node:path';
import { type Json, specOf, valueAt } from '../../kubernetesObject';
import { type TreeCluster, isComplete } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { mayHoldMore } from '../structure/dependencies';
import { chartRepositories, releases } from './charts';

// Kinds whose objects Flux makes from others.
const made = ['HelmChart', 'ExternalArtifact'];

/** Sources that Kustomizations are rendered from: one that Git does not declare came with the installation of Flux. */
function sourcesOfKustomizations(cluster: TreeCluster): Set<string> {
  return new Set(
    cluster.kustomizations.flatMap(({ object, namespace }) => {
      const { kind, name, namespace: other } = referenceOf(specOf(object)['sourceRef']);
      return kind === undefined || name === undefined ? [] : [`${kind} ${other ?? namespace}/${name}`];
    }),
  );
}

function referenceOf(value: Json | undefined): { kind?: string; name?: string; namespace?: string } {
  const text = (field: string): string | undefined => {
    const found = valueAt(value, field);
    return typeof found === 'string' ? found : undefined;
  };
  return { kind: text('kind'), name: text('name'), namespace: text('namespace') };
}

/** A HelmRelease whose chart comes from a source that is not there. */
export const chartSourceMissing: Check = {
  id: 'chart-source-missing',
  severity: 'error',
  set: 'general',
  why: 'A release without its source is never installed.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      if (!isComplete(cluster) || (tree.program === undefined && mayHoldMore(cluster))) continue;
      const own = sourcesOfKustomizations(cluster);
      for (const { release, chart } of releases(cluster)) {
        const { kind, namespace, name } = chart.source;
        if (chart.declared !== undefined || made.includes(kind) || own.has(`${kind} ${namespace}/${name}`)) continue;
        const path =
          chart.by === 'chart' ? ['spec', 'chart', 'spec', 'sourceRef', 'name'] : ['spec', 'chartRef', 'name'];
        const elsewhere = cluster.objects.find(
          ({ object }) =>
            object.kind === kind && object.metadata.name === name && object.metadata.namespace !== namespace,
        );
        const found = elsewhere === undefined ? '' : `; there is one in ${elsewhere.object.metadata.namespace}`;
        const what = `takes its chart from ${kind} ${namespace}/${name}, which this cluster does not have${found}`;
        const todo =
          elsewhere === undefined
            ? `correct the name, or declare ${kind} ${name} in ${namespace}`
            : `move it to ${namespace}`;
        yield about(tree, cluster, release, path, what, todo);
      }
    }
  },
};

/** A HelmRelease whose chart does not come as an OCI artifact. */
export const chartNotOci: Check = {
  id: 'chart-not-oci',
  severity: 'error',
  set: 'platform',
  why: 'Charts come as OCI artifacts only: the program installs the core from there, and signatures are checked there.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { release, chart } of releases(cluster)) {
        if (chart.source.kind === 'OCIRepository') continue;
        const path = ['spec', chart.by];
        const what = `takes its chart from a ${chart.source.kind}`;
        yield about(
          tree,
          cluster,
          release,
          path,
          what,
          'add an OCIRepository beside it and name that in spec.chartRef',
        );
      }
    }
  },
};

/** An OCIRepository that does not stand beside its HelmRelease. */
export const chartSourceElsewhere: Check = {
  id: 'chart-source-elsewhere',
  severity: 'error',
  set: 'platform',
  why: 'A release and its source live and go together; bootstrap looks for the source beside the release.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { release, chart } of releases(cluster)) {
        const { declared } = chart;
        // Another namespace is a finding of its own.
        if (declared === undefined || declared.object.metadata.namespace !== release.object.metadata.namespace)
          continue;
        const apart = declared.kustomization !== release.kustomization;
        if (!apart && posix.dirname(declared.file) === posix.dirname(release.file)) continue;
        const where = apart ? `Kustomization ${declared.kustomization}` : posix.dirname(declared.file);
        const what = `takes its chart from ${chart.source.kind} ${chart.source.name}, which is in ${where}`;
        const todo = `move ${chart.source.name} to ${posix.dirname(release.file)}`;
        yield about(tree, cluster, release, ['spec', chart.by], what, todo);
      }
    }
  },
};

const chartLayer = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';

/** An OCIRepository of a chart that does not say which layer it wants. */
export const layerSelectorMissing: Check = {
  id: 'layer-selector-missing',
  severity: 'error',
  set: 'platform',
  why: 'Without the layer of the chart, as it is, source-controller unpacks the first layer and the release finds no chart.',
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
        yield about(tree, cluster, object, path, what, todo);
      }
    }
  },
};
