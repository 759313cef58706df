import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { BaseConfigurations } from '../../cluster/talos/library/base';
import type { JsonMap } from '../../gitops/kubernetesObject';
import { cacheFolder } from '../../tools/cacheFolder';
import { type OddPatches, oddPatches } from '../cluster/library/oddPatches';
import { generateMachines } from './machineConfigs';
import { readLibraryTypes } from './talosTypes';

const folder = join(__dirname, '..', '..', 'cluster', 'talos', 'library');

/** The version of the library that the Pulumi Talos provider 0.8.1 is built with, as in tools/talos-provider/talos-1.13.mod. */
export const libraryVersion = 'v1.13.0';

/** The types of the library's documents, from its source in Go's module cache. */
export const typesOfLibrary = () =>
  readLibraryTypes(
    join(cacheFolder(), 'go', 'mod', `github.com/siderolabs/talos/pkg/machinery@${libraryVersion}`),
    libraryVersion,
  );

/** Formats that `talosConfigVersion` can say, from the oldest that plan knows; each as the library generates it without patches. */
export async function basesOfLibrary(): Promise<BaseConfigurations> {
  const formats = Array.from({ length: 9 }, (_, index) => `v1.${8 + index}`);
  const requests = formats.flatMap((format) =>
    (['controlplane', 'worker'] as const).map((machineType) => ({
      name: `${format} ${machineType}`,
      clusterName: 'CLUSTER_NAME',
      clusterEndpoint: 'https://cluster-endpoint:6443',
      machineType,
      talosVersion: format,
      kubernetesVersion: 'KUBERNETES_VERSION',
      patches: [],
    })),
  );
  const machines = await generateMachines(requests);
  const all = formats.map((format, index) => {
    const [controlplane, worker] = machines.slice(2 * index, 2 * index + 2).map(({ errors, masked }) => {
      if (errors.length > 0) throw new Error(errors.join('\n'));
      return documentsOf(masked);
    });
    if (controlplane === undefined || worker === undefined) throw new Error(`no answer for ${format}`);
    return { since: format, controlplane, worker };
  });
  const text = ({ since: _, ...rest }: (typeof all)[number]): string => JSON.stringify(rest);
  const formatsThatDiffer = all.filter((entry, index) => {
    const before = all[index - 1];
    return before === undefined || text(before) !== text(entry);
  });
  return { library: libraryVersion, formats: formatsThatDiffer };
}

/** The documents of a configuration. Certificates and keys are text in base64; what the library masks is `***`. */
export function documentsOf(yaml: string): JsonMap[] {
  const documents = parseAllDocuments(yaml.replaceAll(Buffer.from('***').toString('base64'), "'***'"));
  if (!Array.isArray(documents)) throw new Error('no documents');
  return documents.map((document) => document.toJS() as JsonMap);
}

/** What the library makes of each of the odd patches, by name: documents, or undefined if it refuses them. */
export type Answers = Record<string, JsonMap[] | null>;

/** The input of a machine with odd patches. */
export const oddRequest = ({ name, machineType = 'controlplane', talosVersion = 'v1.11', patches }: OddPatches) => ({
  name,
  clusterName: 'east',
  clusterEndpoint: 'https://east-k8s.example.org:6443',
  machineType,
  talosVersion,
  kubernetesVersion: 'v1.34.1',
  // Not the name of a file.
  patches: patches.map((patch) => `${patch.trimEnd()}\n`),
});

/** The library's answers about {@link oddPatches}. */
export async function answersOfLibrary(): Promise<Answers> {
  const machines = await generateMachines(oddPatches.map(oddRequest));
  return Object.fromEntries(
    machines.map(({ name, errors, masked }) => [name, errors.length > 0 ? null : documentsOf(masked)]),
  );
}

const answersFile = join(__dirname, '..', 'fixtures', 'talosLibrary', 'answers.json');

/** The committed answers of the library. */
export const readAnswers = (): Answers => JSON.parse(readFileSync(answersFile, 'utf8')) as Answers;

/** Compares with the committed answers. UPDATE_TALOS=1 writes them instead. */
export function expectAnswers(answers: Answers): void {
  if (process.env.UPDATE_TALOS !== undefined) writeFileSync(answersFile, `${JSON.stringify(answers)}\n`);
  expect(readAnswers()).toEqual(answers);
}

/** Compares with a file of the facts. UPDATE_TALOS=1 writes it instead. */
export function expectFacts(file: string, facts: object): void {
  const path = join(folder, file);
  const text = `${JSON.stringify(facts, null, 2)}\n`;
  if (process.env.UPDATE_TALOS !== undefined) writeFileSync(path, text);
  expect(existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : `no ${file}; run with UPDATE_TALOS=1`).toEqual(
    facts,
  );
}
