import { posix } from 'node:path';
import { groupOf, specOf, textOf, valueAt } from '../kubernetesObject';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { Check, LookedAt, RawFinding } from './check';
import { indexOf } from './facts/clusterIndex';
import { isOwnRepository, sourceReference } from './facts/ownRepository';
import { settingOf } from './facts/settings';
import { tenantsFolder } from './facts/tenants';
import { findingAt } from './finding';

const imageGroup = 'image.toolkit.fluxcd.io';

/** The environment that image automation writes to. */
const staging = 'stg';

/** An ImageUpdateAutomation that writes to this repository, and the files below its path. */
interface Automation {
  cluster: TreeCluster;
  object: TreeObject;
  files: string[];
}

function* automationsOf(tree: Tree): Generator<Automation> {
  for (const cluster of tree.clusters) {
    for (const object of cluster.objects) {
      const { kind, metadata } = object.object;
      if (kind !== 'ImageUpdateAutomation' || groupOf(object.object) !== imageGroup) continue;
      const spec = specOf(object.object);
      const source = sourceReference(spec['sourceRef'], metadata.namespace ?? '', 'GitRepository');
      const branch = textOf(valueAt(spec, 'git', 'checkout', 'ref', 'branch')) || undefined;
      if (source === undefined || !isOwnRepository(cluster, source, branch)) continue;
      const path = posix.join('/', textOf(valueAt(spec, 'update', 'path'))).replace(/^\/|\/$/g, '');
      const files = tree.files.filter((file) => path === '' || file === path || file.startsWith(`${path}/`));
      yield { cluster, object, files };
    }
  }
}

/** A marker of Flux's setters: an image policy, and which part of the image it sets. */
const marker = /#\s*\{\s*"\$imagepolicy"\s*:\s*"([^":]+):([^":]+)(?::(tag|name|digest))?"\s*\}/;

/** A marker that names a policy that nothing makes. */
export const imageMarkerWithoutPolicy: Check = {
  id: 'image-marker-without-policy',
  severity: 'error',
  set: 'platform',
  why: 'Flux skips the marker silently: the image keeps its tag, and no one sees that it is not updated.',
  needs: 'wholeCluster',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const { cluster, object, files } of automationsOf(tree)) {
      for (const file of files.filter((name) => /\.ya?ml$/.test(name))) {
        for (const [index, line] of (tree.read(file) ?? '').split('\n').entries()) {
          const [, namespace = '', name = ''] = marker.exec(line) ?? [];
          if (name === '') continue;
          yield { places: 1 };
          const own = object.object.metadata.namespace ?? '';
          const policies = indexOf(cluster).objects('ImagePolicy', namespace, name);
          const isMade = policies.some((policy) => groupOf(policy.object) === imageGroup);
          if (isMade && namespace === own) continue;
          const what = isMade
            ? `names ImagePolicy ${namespace}/${name}, but ImageUpdateAutomation ${own}/${object.object.metadata.name} sees only those of its own namespace`
            : `names ImagePolicy ${namespace}/${name}, which nothing creates`;
          const todo = 'correct the name, or add the ImagePolicy next to the ImageUpdateAutomation';
          yield { at: { file, line: index + 1 }, object: `File ${file}`, what, todo, clusters: [cluster.name] };
        }
      }
    }
  },
};

/** An ImageUpdateAutomation whose commits no one reviews. */
export const imageUpdateUnreviewed: Check = {
  id: 'image-update-unreviewed',
  severity: 'error',
  set: 'platform',
  why: 'Whoever can push an image to the registry could change what runs here.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const { cluster, object } of automationsOf(tree)) {
      yield { places: 1 };
      const push = valueAt(specOf(object.object), 'git', 'push');
      const branch = textOf(valueAt(push, 'branch'));
      const refspec = textOf(valueAt(push, 'refspec'));
      const followed = settingOf(cluster, 'GIT_BRANCH') ?? '';
      const target = branch === '' ? refspec.replace(/^.*:(refs\/heads\/)?/, '') : branch;
      if (target !== '' && target !== followed) continue;
      const what = `pushes to ${target === '' ? 'the branch that it reads' : target}, which Flux follows`;
      const path = ['spec', 'git', ...(push === undefined ? [] : ['push'])];
      yield findingAt(
        tree,
        cluster,
        object,
        path,
        what,
        'set spec.git.push.branch to another branch, which a person merges',
      );
    }
  },
};

/** An ImageUpdateAutomation that may write to other environments than staging. */
export const imageUpdateBeyondStaging: Check = {
  id: 'image-update-beyond-staging',
  severity: 'error',
  set: 'platform',
  why: 'A tag reaches production when a person promotes it, after it ran in staging.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const { cluster, object, files } of automationsOf(tree)) {
      yield { places: 1 };
      const other = files.find((file) => {
        const [, environment] = new RegExp(`^${tenantsFolder}/[^/]+/envs/([^/]+)/`).exec(file) ?? [];
        return environment !== undefined && environment !== staging;
      });
      if (other === undefined) continue;
      const what = `may write to ${other}`;
      const todo = `set the path to ${tenantsFolder}/<team>/envs/${staging}`;
      yield findingAt(tree, cluster, object, ['spec', 'update', 'path'], what, todo);
    }
  },
};
