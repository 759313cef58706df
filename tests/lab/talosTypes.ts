import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { LibraryTypes } from '../../cluster/talos/library/types';

/** One Go type of the library's configuration documents, as its source declares it. */
interface GoType {
  package: string;
  /** The fields of a struct; undefined for any other type. */
  fields?: GoField[];
  /** What another type is declared as. */
  of?: string;
}

interface GoField {
  /** Go name; the type's name for one that is embedded. */
  name: string;
  type: string;
  yaml: string;
  replace: boolean;
}

/**
 * The types of machine configurations, from the Go source of the Talos library: which fields each has, in which order, and what
 * decides how two of them are merged and when one is left out.
 * @param folder of the module github.com/siderolabs/talos/pkg/machinery
 */
export function readLibraryTypes(folder: string, library: string): LibraryTypes {
  const sources = ['config/types', 'cel']
    .flatMap((part) => goFiles(join(folder, part)))
    .map((file) => readFileSync(file, 'utf8'));
  const types = new Map(sources.flatMap(typesOf));
  const methods = new Set(sources.flatMap(methodsOf));
  const has = (name: string, ...wanted: string[]): boolean => wanted.some((method) => methods.has(`${name}.${method}`));

  const isText = (name: string): boolean =>
    has(name, 'MarshalYAML', 'MarshalText') ||
    (types.get(name)?.fields ?? []).some(({ type, yaml }) => yaml === '' && /^\*?(netip|url)\./.test(type));

  /** A Go type as the table names it: `text` for everything that is written as text of its own form. */
  const named = (type: string, own: string): string => {
    const [, pointer = '', rest = ''] = /^(\*|\[\]|map\[string\])?(.*)$/.exec(type) ?? [];
    if (pointer !== '') return `${pointer}${named(rest, own)}`;
    if (/^(string|bool|any|u?int\d*|uint8|float\d+)$/.test(rest)) return rest;
    if (rest === 'time.Duration') return 'duration';
    if (/^x509\.PEMEncoded(Certificate|CertificateAndKey|Key)$/.test(rest)) return rest;
    // A package of the same name elsewhere.
    if (rest.startsWith(`${own}.`)) return 'text';
    const full = rest.includes('.') ? rest : `${own}.${rest}`;
    const found = types.get(full);
    if (full === 'v1alpha1.FileMode') return 'uint32';
    if (found === undefined || isText(full)) return keptTexts.has(full) ? full : 'text';
    if (full === unstructured) return full;
    if (found.fields !== undefined || has(full, 'Merge', 'UnmarshalYAML', 'IsZero')) return full;
    return named(found.of ?? '', found.package);
  };

  const structs: Record<string, Record<string, string>> = {};
  const lists: Record<string, string> = {};
  const visit = (reference: string): void => {
    const name = reference.replace(/^(\*|\[\]|map\[string\])+/, '');
    const found = types.get(name);
    if (found === undefined || name in structs || name in lists || isText(name)) return;
    if (name === unstructured) {
      lists[name] = 'map[string]any';
      return;
    }
    if (found.fields === undefined) {
      lists[name] = named(found.of ?? '', found.package);
      visit(lists[name]);
      return;
    }
    structs[name] = Object.fromEntries(
      fieldsOf(found, types).map(({ yaml, type, replace, own }) => {
        const [key = '', ...options] = yaml.split(',');
        const marks = [options.includes('omitempty') ? ',omitempty' : '', replace ? ',replace' : ''].join('');
        return [key, `${named(type, own)}${marks}`];
      }),
    );
    Object.values(structs[name]).forEach((field) => visit(field.split(',')[0] ?? ''));
  };

  const documents = Object.fromEntries(
    sources
      .flatMap(registrationsOf)
      .map(({ kind, type }) => [kind, { type, named: kind !== 'v1alpha1' && has(type, 'Name') }]),
  );
  Object.values(documents).forEach(({ type }) => visit(type));
  // Of another module.
  structs['x509.PEMEncodedCertificateAndKey'] = { crt: 'string', key: 'string' };
  structs['x509.PEMEncodedCertificate'] = { crt: 'string' };
  structs['x509.PEMEncodedKey'] = { key: 'string' };
  const mergers = [...methods].flatMap((method) => /^(.*)\.Merge$/.exec(method)?.[1] ?? []);
  return {
    library,
    documents: sorted(documents),
    structs: sorted(structs),
    lists: sorted(lists),
    mergers: mergers.sort(),
    isZero: Object.keys(structs)
      .filter((name) => has(name, 'IsZero'))
      .sort(),
  };
}

const unstructured = 'v1alpha1.Unstructured';

/** Types with a form of their own that the merge must know: it replaces them also by nothing. */
const keptTexts = new Set([
  'v1alpha1.ArgValue',
  'cel.Expression',
  'block.ByteSize',
  'block.PercentageSize',
  'block.Size',
]);

const sorted = <T>(map: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

function goFiles(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? (basename(path) === 'testdata' ? [] : goFiles(path)) : [path]))
    .filter((path) => path.endsWith('.go') && !path.endsWith('_test.go'))
    .sort();
}

const packageOf = (source: string): string => /^package (\w+)/m.exec(source)?.[1] ?? '';

function typesOf(source: string): [string, GoType][] {
  const own = packageOf(source);
  const structs = [...source.matchAll(/^type (\w+) struct ?\{(?:\}|\n([^]*?)^\})/gm)].map(
    ([, name = '', body = '']): [string, GoType] => [`${own}.${name}`, { package: own, fields: fieldLines(body) }],
  );
  const others = [...source.matchAll(/^type (\w+) (?:= )?((?:\[\]|map\[|\*|\w)[^\n{]*)$/gm)].map(
    ([, name = '', of = '']): [string, GoType] => [`${own}.${name}`, { package: own, of }],
  );
  return [...structs, ...others];
}

function fieldLines(body: string): GoField[] {
  return body.split('\n').flatMap((line): GoField[] => {
    const tagged = /^\t(?:(\w+) +)?(\S+) +`([^`]*)`/.exec(line);
    if (tagged !== null) {
      const [, name, type = '', tag = ''] = tagged;
      const yaml = /yaml:"([^"]*)"/.exec(tag)?.[1];
      const replace = /merge:"[^"]*replace/.test(tag);
      return yaml === undefined || yaml === '-' ? [] : [{ name: name ?? type, type, yaml, replace }];
    }
    const embedded = /^\t(\*?[\w.]+)$/.exec(line)?.[1];
    return embedded === undefined ? [] : [{ name: embedded, type: embedded, yaml: '', replace: false }];
  });
}

/** The fields of a struct, those of embedded ones in their place. */
function fieldsOf(type: GoType, types: ReadonlyMap<string, GoType>): (GoField & { own: string })[] {
  return (type.fields ?? []).flatMap((field) => {
    if (!/^,inline/.test(field.yaml)) return field.yaml === '' ? [] : [{ ...field, own: type.package }];
    const full = field.type.includes('.') ? field.type : `${type.package}.${field.type}`;
    const inner = types.get(full);
    if (inner === undefined) throw new Error(`${full} is embedded, but declared nowhere`);
    return fieldsOf(inner, types);
  });
}

function methodsOf(source: string): string[] {
  const own = packageOf(source);
  return [...source.matchAll(/^func \((?:\w+ )?\*?(\w+)\) (\w+)\(/gm)].map(
    ([, type, name]) => `${own}.${type}.${name}`,
  );
}

/** The kinds that a file registers, with the types of their documents. */
function registrationsOf(source: string): { kind: string; type: string }[] {
  const own = packageOf(source);
  const constants = new Map(
    [...source.matchAll(/^const (\w+) += "(\w+)"/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  return [...source.matchAll(/registry\.Register\(("?\w+"?), func[^]*?return &(\w+)\{\}/g)].map(
    ([, kind = '', type]) => {
      const name = kind.startsWith('"') ? kind.slice(1, -1) : constants.get(kind);
      if (name === undefined) throw new Error(`${own}: the value of ${kind} is not in the file that registers it`);
      return { kind: name, type: `${own}.${type}` };
    },
  );
}
