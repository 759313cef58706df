import { parseEnv } from 'node:util';
import { type Document, parseAllDocuments } from 'yaml';
import { type JsonMap, isMap } from '../../gitops/kubernetesObject';
import { readTextFile, TextFileError } from '../../gitops/textFile';
import { ValidateError } from './options';

/** A ConfigMap or Secret that exists on a cluster but not in Git. Without a name it replaces each one that Git lacks. */
export interface GivenSettings {
  kind: 'ConfigMap' | 'Secret';
  namespace: string;
  name: string;
  data: Record<string, string>;
}

/**
 * Reads a settings file: ConfigMaps and Secrets as YAML, or lines of KEY=value.
 * @throws ValidateError if it does not exist or is neither; the message contains no value
 */
export function readSettingsFile(file: string): GivenSettings[] {
  const text = readGiven(file);
  const settings = /^kind:/m.test(text) ? readObjects(text) : readLines(text);
  if (settings === undefined) {
    throw new ValidateError(
      `--settings ${file}: is neither YAML with ConfigMaps and Secrets nor lines of KEY=value; correct it`,
    );
  }
  return settings;
}

function readGiven(file: string): string {
  try {
    return readTextFile(file);
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    throw new ValidateError(`--settings ${file}: ${error.message}`);
  }
}

function readObjects(text: string): GivenSettings[] | undefined {
  const documents = parseAllDocuments(text, { prettyErrors: false, logLevel: 'silent' });
  const objects: GivenSettings[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    if (document.errors.length > 0) return undefined;
    const value = expanded(document);
    if (value === null) continue;
    const metadata = isMap(value) && isMap(value['metadata']) ? value['metadata'] : {};
    const kind = isMap(value) ? value['kind'] : undefined;
    const { name, namespace = 'flux-system' } = metadata;
    if (!isMap(value) || (kind !== 'ConfigMap' && kind !== 'Secret')) return undefined;
    if (typeof name !== 'string' || typeof namespace !== 'string') return undefined;
    objects.push({ kind, namespace, name, data: { ...decoded(value['data'], kind), ...texts(value['stringData']) } });
  }
  return objects;
}

/** A document with its aliases expanded; undefined if they multiply without measure. */
function expanded(document: Document): unknown {
  try {
    return document.toJS();
  } catch {
    return undefined;
  }
}

function decoded(data: JsonMap[string], kind: 'ConfigMap' | 'Secret'): Record<string, string> {
  const encoded = texts(data);
  if (kind === 'ConfigMap') return encoded;
  return Object.fromEntries(
    Object.entries(encoded).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}

function texts(data: JsonMap[string]): Record<string, string> {
  if (!isMap(data)) return {};
  return Object.fromEntries(
    Object.entries(data).flatMap(([key, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[key, String(value)]]
        : [],
    ),
  );
}

function readLines(text: string): GivenSettings[] | undefined {
  const malformed = text.split('\n').some((line) => !/^\s*(#.*)?$|^\s*(export\s+)?[A-Za-z_]\w*=/.test(line));
  if (malformed) return undefined;
  // The types allow a missing value, which the parser never returns.
  const data = parseEnv(text) as Record<string, string>;
  return [{ kind: 'ConfigMap', namespace: '', name: '', data }];
}
