import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { specOf } from '../gitops/kubernetesObject';
import type { Tree, TreeKustomization } from '../gitops/tree';
import { schemaLocation } from './kubeconformSchemas';

/** Programs of the loop. */
export interface LoopTools {
  kustomize: string;
  kubeconform: string;
  /** Flux's own substitution, strict. */
  substitute: string;
}

/**
 * The loop that people check such a repository with, as a shell script: each Flux Kustomization of each cluster is built,
 * substituted and checked on its own. What it needs to know of Flux (variables, patches, target namespaces) is written
 * down beforehand, in hidden folders of the tree, so that it need not find it out.
 */
export function loopScript(tree: Tree, schemas: string, tools: LoopTools): string {
  const check = `${quoted(tools.kubeconform)} -strict -summary -schema-location ${quoted(schemaLocation(schemas))}`;
  const lines = tree.clusters.flatMap(({ name, kustomizations }) =>
    kustomizations
      .filter(({ skipped }) => skipped === undefined)
      .map((one) => {
        const folder = join(tree.root, '.bench', name, one.name);
        mkdirSync(folder, { recursive: true });
        const build = `${quoted(tools.kustomize)} build ${quoted(asFluxBuilds(tree.root, folder, one))}`;
        if (Object.keys(one.variables).length === 0) return `${build} | ${check} || failed=1`;
        const values = join(folder, 'values.json');
        writeFileSync(values, JSON.stringify(one.variables));
        return `${build} | ${quoted(tools.substitute)} substitute --values ${quoted(values)} | ${check} || failed=1`;
      }),
  );
  return ['set -o pipefail', 'failed=0', ...lines, 'exit $failed', ''].join('\n');
}

/** The folder to build: the Kustomization's own, or one around it with what its spec adds. */
function asFluxBuilds(root: string, folder: string, { path, object }: TreeKustomization): string {
  const { patches, targetNamespace } = specOf(object);
  if (patches === undefined && targetNamespace === undefined) return join(root, path);
  const around = {
    resources: [relative(folder, join(root, path))],
    ...(patches === undefined ? {} : { patches }),
    ...(targetNamespace === undefined ? {} : { namespace: targetNamespace }),
  };
  writeFileSync(join(folder, 'kustomization.yaml'), stringify(around));
  return folder;
}

/** What kubeconform said in all of its runs together. */
export function loopResult(stdout: string): { valid: number; invalid: number; errors: number; skipped: number } {
  const sum = (word: string): number =>
    [...stdout.matchAll(new RegExp(`${word}: (\\d+)`, 'g'))].reduce((total, [, count]) => total + Number(count), 0);
  return { valid: sum('Valid'), invalid: sum('Invalid'), errors: sum('Errors'), skipped: sum('Skipped') };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
