/** A value that a chart's schema refuses. */
export interface RefusedValue {
  path: string[];
  what: string;
  /** Keys that the schema does not allow there, when that is what it refuses. */
  extra?: string[];
}

/** Reads which values Helm says that the chart's schema refuses; none when it failed for another reason. */
export function refusedValues(text: string): RefusedValue[] {
  if (!/values don't meet the specifications of the schema/.test(text)) return [];
  return text.split('\n').flatMap((line) => {
    // By the version of Helm: a JSON pointer in quotes, or a path with dots.
    const [, pointer, dotted, what = ''] = /^\s*- (?:at '([^']*)'|([\w.()]+)): (.*)$/.exec(line) ?? [];
    if (what === '') return [];
    const keys = /^additional propert(?:y|ies) (.*) not allowed$/i.exec(what)?.[1];
    const extra = keys === undefined ? {} : { extra: [...keys.matchAll(/'([^']*)'/g)].map(([, key = '']) => key) };
    if (pointer !== undefined) return [{ path: pointer.split('/').slice(1).map(unescapePointer), what, ...extra }];
    return [{ path: dotted === undefined || dotted === '(root)' ? [] : dotted.split('.'), what, ...extra }];
  });
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
