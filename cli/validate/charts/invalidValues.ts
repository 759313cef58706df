/** A value that a chart's schema rejects. */
export interface InvalidValue {
  path: string[];
  what: string;
  /** Keys that the schema does not allow there, if that is the reason. */
  extra?: string[];
}

/** Parses the values that the chart's schema rejects from Helm's error; empty if Helm failed for another reason. */
export function invalidValues(text: string): InvalidValue[] {
  if (!/values don't meet the specifications of the schema/.test(text)) return [];
  return text.split('\n').flatMap((line) => {
    // Depending on the Helm version: a JSON pointer in quotes, or a dotted path.
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
