import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { platformTable } from '../gitops/platformTable';
import type { Tree } from '../gitops/tree';
import { loadTree } from './validate/loadTree';

/** Path of the page, relative to the repository's root. */
export const platformDocFile = 'docs/platform.md';

/** The page: what Flux applies to each cluster. */
export function platformDoc(tree: Tree): string {
  return `# What runs on the platform

Generated from the tree by \`npm run docs\`; a test keeps it current. One row per Flux Kustomization, sorted by name;
clusters that do not differ share a row. *Secrets* are the 1Password items that its ExternalSecrets read, *alerts* come
from its own PrometheusRules (charts add more).

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
