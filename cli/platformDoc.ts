import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { platformTable } from '../gitops/platformTable';
import type { Tree } from '../gitops/tree';
import { loadTree } from './validate/loadTree';

/** Where the page lies, from the repository's root. */
export const platformDocFile = 'docs/platform.md';

/** The page: what runs where, from what Flux applies. */
export function platformDoc(tree: Tree): string {
  return `# What runs on the platform

Made from the tree by \`npm run docs\`; a test holds it to be current. One row for each Flux Kustomization, in the order of
its name; clusters on which everything is the same share a row. *Secrets* are the items that its ExternalSecrets read from
1Password, *alerts* those of its own PrometheusRules (charts bring more).

${platformTable(tree)}
`;
}

async function main(root: string): Promise<void> {
  const tree = await loadTree({ root });
  writeFileSync(join(root, platformDocFile), platformDoc(tree));
}

if (require.main === module) {
  main(resolve(__dirname, '..')).catch((error: unknown) => {
    process.stderr.write(`docs: ${(error as Error).message}\n`);
    process.exitCode = 1;
  });
}
