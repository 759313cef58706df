import { join, posix } from 'node:path';
import { type BuiltObject, type Json, type JsonMap, isMap, listOf, textOf, valueAt } from '../kubernetesObject';
import { ManifestError } from '../manifestError';
import { TextFileError, readTextFile } from '../textFile';
import { type YamlDocument, lineOf } from '../yamlFile';

const supportedFields = ['name', 'namespace', 'files', 'options'];
const supportedOptions = ['labels', 'annotations', 'disableNameSuffixHash'];

/** A ConfigMap of a generator. */
export interface Generated {
  /** Still without the suffix of its name. Originates from its files. */
  built: BuiltObject;
  /** Whether its name gets a suffix, the hash of its content. */
  hasSuffix: boolean;
}

/**
 * The ConfigMaps that `configMapGenerator` of a folder makes of files. Throws a ManifestError for a generator that takes its data
 * from elsewhere, or has other options.
 */
export function generatedConfigMaps(repoRoot: string, folder: string, document: YamlDocument): Generated[] {
  const { file } = document;
  const generators = listOf(valueAt(document.value as Json, 'configMapGenerator'));
  return generators.map((generator, index) => {
    const place = { file, line: lineOf(document, ['configMapGenerator', index]) };
    const fields = isMap(generator) ? Object.keys(generator) : [];
    const options = valueAt(generator, 'options');
    const unsupported = [
      ...fields.filter((field) => !supportedFields.includes(field)),
      ...Object.keys(isMap(options) ? options : {}).filter((field) => !supportedOptions.includes(field)),
    ];
    const name = textOf(valueAt(generator, 'name'));
    if (unsupported.length > 0 || name === '') {
      const what =
        `a configMapGenerator with a name and only ${supportedFields.join(', ')} ` +
        `(${supportedOptions.join(', ')}) is supported`;
      throw new ManifestError([`${place.file}:${place.line}: ${what}; write the ConfigMap out`]);
    }
    const namespace = valueAt(generator, 'namespace');
    const files = listOf(valueAt(generator, 'files')).map((entry) => readEntry(repoRoot, folder, textOf(entry), place));
    const metadata = {
      name,
      ...(typeof namespace === 'string' && { namespace }),
      ...labelsOf(options),
    };
    const data = Object.fromEntries(files.map(({ key, text }) => [key, text]));
    return {
      built: {
        object: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data },
        origins: [{ ...place, text: '' }, ...files.map(({ path, text }) => ({ file: path, line: 1, text }))],
      },
      hasSuffix: valueAt(options, 'disableNameSuffixHash') !== true,
    };
  });
}

function labelsOf(options: Json | undefined): JsonMap {
  const entries = ['labels', 'annotations'].flatMap((key) => {
    const value = valueAt(options, key);
    return isMap(value) ? [[key, value] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** A file of a generator, `name` or `key=name`. */
function readEntry(
  repoRoot: string,
  folder: string,
  entry: string,
  place: { file: string; line: number },
): { key: string; path: string; text: string } {
  const [, key, name = entry] = /^([^=]+)=(.+)$/.exec(entry) ?? [];
  const path = posix.normalize(posix.join(folder, name));
  try {
    if (!path.startsWith(`${folder}/`)) throw new TextFileError('is outside the folder');
    return { key: key ?? posix.basename(name), path, text: readTextFile(join(repoRoot, path)) };
  } catch (error) {
    if (!(error instanceof TextFileError)) throw error;
    throw new ManifestError([`${place.file}:${place.line}: ${path} ${error.message}; correct the path`]);
  }
}
