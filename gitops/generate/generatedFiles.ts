import { clusterFolder } from '../clusterSettings';
import { expectedText } from './expected';
import { type ListedCluster, fleetProblems, storingCluster } from './fleet';
import { writersText } from './writers';

/** A file that `npm run generate` writes. */
export interface GeneratedFile {
  /** Relative to the root of the repository. */
  path: string;
  text: string;
}

/** The command that writes the generated files. */
export const generateCommand = 'npm run generate';

const header = `# Written by \`${generateCommand}\` from the systems that each cluster lists: do not edit.\n`;

/** The text of a file, with the header after the schema of its first document. */
function withHeader(text: string): string {
  return text.replace(/^---\n#.*\n/, (start) => `${start}${header}`);
}

/** What the cluster that stores needs to know about all clusters, file by file. */
const makers: Readonly<Record<string, (fleet: readonly ListedCluster[], storing: ListedCluster) => string>> = {
  'expected.yaml': expectedText,
  'writers.yaml': writersText,
};

/** The folder of a cluster's generated files. */
export function generatedFolder(cluster: string): string {
  return `${clusterFolder(cluster)}/observability`;
}

/** Every generated file, sorted; none unless exactly one cluster stores. */
export function generatedFiles(fleet: readonly ListedCluster[]): GeneratedFile[] {
  const storing = storingCluster(fleet);
  if (storing === undefined || fleetProblems(fleet).length > 0) return [];
  const folder = generatedFolder(storing.name);
  const parts = Object.entries(makers).flatMap(([name, make]) => {
    const text = make(fleet, storing);
    return text === '' ? [] : [{ path: `${folder}/${name}`, text: withHeader(text) }];
  });
  const names = parts.map(({ path }) => `  - ${path.slice(folder.length + 1)}`).sort();
  const list = [
    '---',
    '# yaml-language-server: $schema=https://json.schemastore.org/kustomization',
    'apiVersion: kustomize.config.k8s.io/v1beta1',
    'kind: Kustomization',
    'namespace: observability',
    names.length === 0 ? 'resources: []' : 'resources:',
    ...names,
  ];
  return [{ path: `${folder}/kustomization.yaml`, text: withHeader(`${list.join('\n')}\n`) }, ...parts];
}

/** A generated file that is not as the systems of the clusters demand. */
export interface StaleFile {
  path: string;
  /** 1-based: the first line that differs. */
  line: number;
  /** What it has to be; undefined if it must not be there. */
  text: string | undefined;
}

/**
 * The generated files that are missing, differ, or are left over.
 * @param existing every file in the folders that `generatedFolder` names
 */
export function staleFiles(
  fleet: readonly ListedCluster[],
  existing: readonly string[],
  read: (path: string) => string | undefined,
): StaleFile[] {
  const wanted = generatedFiles(fleet);
  const left = existing.filter(
    // What people put there is not ours to remove.
    (path) => !wanted.some((file) => file.path === path) && read(path)?.includes(header) === true,
  );
  return [
    ...wanted.flatMap(({ path, text }) => {
      const found = read(path);
      return found === text ? [] : [{ path, line: firstDifference(found ?? '', text), text }];
    }),
    ...left.map((path) => ({ path, line: 1, text: undefined })),
  ];
}

function firstDifference(found: string, wanted: string): number {
  const expected = wanted.split('\n');
  const lines = found.split('\n');
  const at = lines.findIndex((line, index) => line !== expected[index]);
  return at === -1 ? lines.length : at + 1;
}
