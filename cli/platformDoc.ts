import { platformTable } from '../gitops/platformTable';
import type { Tree } from '../gitops/tree';

/** Path of the page, relative to the repository's root. */
export const platformDocFile = 'docs/platform.md';

/** The page: what Flux applies to each cluster. */
export function platformDoc(tree: Tree): string {
  return `# What runs on the platform

Generated from the tree by \`npm run docs\`; a test keeps it current. One row per Flux Kustomization, sorted by name;
clusters that do not differ share a row. *Secrets* are the 1Password items that its ExternalSecrets read, *alerts* come
from its own rules, which are evaluated for all clusters.

${platformTable(tree)}
`;
}
