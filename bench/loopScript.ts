import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { specOf } from '../gitops/kubernetesObject';
import type { Tree, TreeKustomization } from '../gitops/tree';
import { schemaLocation } from './kubeconformSchemas';

/** Paths of the programs that the loop runs. */
export interface LoopTools {
  kustomize: string;
  kubeconform: string;
  /** `flux-render`, for Flux's strict substitution. */
  substitute: string;
}

/**
 * The usual way to check such a repository, as a shell script: build, substitute and check each Flux Kustomization of
 * each cluster on its own. Writes the Flux facts that the loop needs (variables, patches, target namespaces) to hidden
 * folders of the tree first, so that the script does not spend time on finding them.
 */
export function loopScript(tree: Tree, schemas: string, tools: LoopTools): string {
  const check = `${quoted(tools.kubeconform)} -strict -summary -schema-location ${quoted(schemaLocation(schemas))}`;
  const lines = tree.clusters.flatMap(({ name, kustomizations }) =>
    kustomizations
      .filter(({ skipped }) => skipped === undefined)
      .map((kustomization) => {
        const folder = join(tree.root, '.bench', name, kustomization.name);
        mkdirSync(folder, { recursive: true });
        const build = `${quoted(tools.kustomize)} build ${quoted(buildFolder(tree.root, folder, kustomization))}`;
        if (Object.keys(kustomization.variables).length === 0) return `${build} | ${check} || failed=1`;
        const values = join(folder, 'values.json');
        writeFileSync(values, JSON.stringify(kustomization.variables));
        return `${build} | ${quoted(tools.substitute)} substitute --values ${quoted(values)} | ${check} || failed=1`;
      }),
  );
  return ['set -o pipefail', 'failed=0', ...lines, 'exit $failed', ''].join('\n');
}

/** The folder to build: the Kustomization's own, or an overlay in `folder` with the patches and namespace of its spec. */
function buildFolder(root: string, folder: string, { path, object }: TreeKustomization): string {
  const { patches, targetNamespace } = specOf(object);
  if (patches === undefined && targetNamespace === undefined) return join(root, path);
  const overlay = {
    resources: [relative(folder, join(root, path))],
    ...(patches === undefined ? {} : { patches }),
    ...(targetNamespace === undefined ? {} : { namespace: targetNamespace }),
  };
  writeFileSync(join(folder, 'kustomization.yaml'), stringify(overlay));
  return folder;
}

/** Sums the counts of all kubeconform runs. */
export function loopResult(stdout: string): { valid: number; invalid: number; errors: number; skipped: number } {
  const sum = (label: string): number =>
    [...stdout.matchAll(new RegExp(`${label}: (\\d+)`, 'g'))].reduce((total, [, count]) => total + Number(count), 0);
  return { valid: sum('Valid'), invalid: sum('Invalid'), errors: sum('Errors'), skipped: sum('Skipped') };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
