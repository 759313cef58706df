/** A path of keys and indexes in its usual notation: `nodes[0].address`, `dialOverrides["10.25.11.11"]`. */
export function keyPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const key = String(part);
    if (text !== '' && !/^[\w:-]+$/.test(key)) return `${text}[${JSON.stringify(key)}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** Where a key of one file is defined: `<file> <key path>`. */
export type KeyPlace = (...path: readonly PropertyKey[]) => string;

/** The places of a file's keys. */
export function placesIn(file: string): KeyPlace {
  return (...path) => `${file} ${keyPath(path)}`;
}
