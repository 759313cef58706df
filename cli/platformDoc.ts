import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { platformTable } from '../gitops/platformTable';
import type { Tree } from '../gitops/tree';
import { noArguments, reportOutputErrors } from '../tools/commandLine';
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

/** `npm run docs`: runs one command line (without node and script) and returns the exit code. */
export async function writePlatformDoc(args: readonly string[], root: string): Promise<number> {
  const ended = noArguments('docs', `Writes ${platformDocFile} from the tree.`, args);
  if (ended !== undefined) return ended;
  try {
    writeFileSync(join(root, platformDocFile), platformDoc(await loadTree({ root })));
    return 0;
  } catch (error) {
    process.stderr.write(`docs: ${(error as Error).message}\n`);
    return 1;
  }
}

if (require.main === module) {
  reportOutputErrors('docs', 1);
  void writePlatformDoc(process.argv.slice(2), resolve(__dirname, '..')).then((code) => {
    process.exitCode = code;
  });
}
