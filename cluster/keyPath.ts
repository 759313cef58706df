import { printable } from '../gitops/plainText';

/** A path of keys and indexes in its usual notation: `nodes[0].address`, `dialOverrides["10.25.11.11"]`. */
export function keyPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const key = printable(String(part), 80);
    if (text !== '' && !/^[\w:-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** Where a key of one file is defined, as {@link placeText} writes it. */
export type KeyPlace = (...path: readonly PropertyKey[]) => string;

/**
 * The places of a file's keys.
 * @param line the 1-based line of a path, or of the longest part of it that exists
 */
export function placesIn(file: string, line: (path: readonly PropertyKey[]) => number | undefined): KeyPlace {
  return (...path) => placeText(file, line(path), keyPath(path));
}

/** `<file>:<line> <key>`; without the line if it is not known. */
export function placeText(file: string, line: number | undefined, key: string): string {
  return `${file}${line === undefined ? '' : `:${line}`} ${key}`;
}

/** Takes the text of a place apart. */
export function parsePlace(text: string): { file: string; line?: number; key: string } {
  const [, file = text, digits, key = ''] = /^(.+?)(?::(\d+))? (.*)$/s.exec(text) ?? [];
  return { file, key, ...(digits === undefined ? {} : { line: Number(digits) }) };
}
