import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { listClusters, readClusterSettings } from '../../gitops/clusterSettings';
import { tableFolder } from './commandTable';

/** Kinds and objects that commands may name. */
export interface KnownObjects {
  /** Kinds by what people write: `pvc`, `helmreleases`. */
  readonly kinds: ReadonlyMap<string, string>;
  readonly clusterWide: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
  /** `kube-system DaemonSet cilium`; without a namespace for those of the whole cluster. */
  readonly objects: ReadonlySet<string>;
  /** What `talosctl get` and `talosctl service` may name. */
  readonly talos: { readonly resources: ReadonlySet<string>; readonly services: ReadonlySet<string> };
}

interface ObjectsFile {
  /** Kinds that are not in kubernetes/, or whose short name is used; the first one is the kind. */
  readonly kinds: readonly string[];
  readonly clusterWide: readonly string[];
  readonly talosResources: readonly string[];
  readonly talosServices: readonly string[];
  /** What makes objects that kubernetes/ does not have as such, by the object. */
  readonly made: Readonly<Record<string, string>>;
}

export const madeObjects = (): ObjectsFile =>
  parse(readFileSync(join(tableFolder, 'objects.yaml'), 'utf8')) as ObjectsFile;

/** What every manifest below a folder declares, whether or not a cluster lists it. */
export function readObjects(root: string): KnownObjects {
  const { kinds: more, clusterWide, made, talosResources, talosServices } = madeObjects();
  const settings = listClusters(root).map((cluster) => readClusterSettings(root, cluster).values);
  const files = readdirSync(join(root, 'kubernetes'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.ya?ml$/.test(file),
  );
  const read = (file: string): string => readFileSync(join(root, 'kubernetes', file), 'utf8');
  const isFolderFile = (file: string): boolean => /(^|\/)kustomization\.yaml$/.test(file);
  const declared = files
    .filter((file) => !isFolderFile(file))
    .flatMap((file) => documentsOf(join(root, 'kubernetes', file), settings));
  const kinds = new Map<string, string>();
  for (const { kind } of declared) for (const name of namesOf(kind)) kinds.set(name, kind);
  for (const line of more) {
    const [kind = '', ...short] = line.split(' ');
    for (const name of [...namesOf(kind), ...short]) kinds.set(name, kind);
  }
  return {
    kinds,
    clusterWide: new Set(clusterWide),
    namespaces: new Set([
      ...declared.flatMap(({ kind, name }) => (kind === 'Namespace' ? [name] : [])),
      // These components make the namespace of the folder.
      ...files
        .filter((file) => isFolderFile(file) && /components\/(namespace|tenant)$/m.test(read(file)))
        .map((file) => folderNamespace(join(root, 'kubernetes', file))),
    ]),
    talos: { resources: new Set(talosResources), services: new Set(talosServices) },
    objects: new Set([
      ...declared.flatMap(({ namespaces, kind, name }) =>
        namespaces.map((one) => keyOf(clusterWide.includes(kind) ? '' : one, kind, name)),
      ),
      ...Object.keys(made),
    ]),
  };
}

/** `kube-system DaemonSet cilium`. */
export const keyOf = (namespace: string, kind: string, name: string): string => `${namespace} ${kind} ${name}`.trim();

function namesOf(kind: string): string[] {
  const one = kind.toLowerCase();
  return [one, /[^aeiou]y$/.test(one) ? `${one.slice(0, -1)}ies` : /(s|x|ch)$/.test(one) ? `${one}es` : `${one}s`];
}

interface Declared {
  readonly kind: string;
  readonly name: string;
  /** Its own, and that of the folder's kustomization.yaml. */
  readonly namespaces: readonly string[];
}

/** Once for each cluster, with its settings in the name. */
function documentsOf(path: string, settings: readonly Readonly<Record<string, string>>[]): Declared[] {
  const text = readFileSync(path, 'utf8');
  if (!/^kind: /m.test(text)) return [];
  return parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS() as { kind?: string; metadata?: { name?: string; namespace?: string } } | null;
    const { kind, metadata: { name, namespace } = {} } = object ?? {};
    if (kind === undefined || name === undefined) return [];
    const namespaces = [namespace ?? folderNamespace(path)];
    return settings.map((values) => ({ kind, name: substituted(name, values), namespaces }));
  });
}

const substituted = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\$\{(\w+)[^}]*\}/g, (variable, key: string) => values[key] ?? variable);

function folderNamespace(path: string): string {
  try {
    const text = readFileSync(join(dirname(path), 'kustomization.yaml'), 'utf8');
    return /^namespace: (\S+)/m.exec(text)?.[1] ?? '';
  } catch {
    return '';
  }
}
