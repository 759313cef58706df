/** How far a version moves. `calendar` versions have no major steps; `other` is anything else. */
export type Step = 'major' | 'minor' | 'patch' | 'downgrade' | 'calendar' | 'same' | 'other';

interface Numbers {
  numbers: number[];
  calendar: boolean;
}

/** The numbers of a tag: `v1.2.3-alpine`, `release-4.0`, `RELEASE.2025-01-02T…`; undefined if it starts with none. */
function numbersOf(tag: string): Numbers | undefined {
  const text = tag.replace(/^(v|version[-_]?|release[-_.]?|[a-z][a-z0-9]*[-_])(?=\d)/i, '');
  const found =
    /^(\d+)(?:[.-](\d+))?(?:[.-](\d+))?(?:\.(\d+))?(?![0-9a-z])/i.exec(text) ??
    /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?=[a-z-]|$)/i.exec(text);
  if (found === null) return undefined;
  const parts = found.slice(1).filter((part): part is string => part !== undefined);
  const [first = '', second = ''] = parts;
  // A hash that happens to start with digits.
  if (parts.length === 1 && /^[0-9a-f]{7,}$/.test(text) && !/^\d+$/.test(text)) return undefined;
  const isYear = /^(19|20|21)\d\d$/.test(first);
  const isDate = /^(19|20|21)\d{6,}$/.test(first);
  // 24.04: no one writes a minor version with a zero before it.
  const isYearMonth = /^\d\d$/.test(first) && /^0\d$/.test(second);
  return { numbers: parts.map(Number), calendar: isYear || isDate || isYearMonth };
}

/** The step from one tag or version to another. Build numbers and hashes have no steps. */
export function stepOf(before: string, after: string): Step {
  if (before === after) return 'same';
  const [old, now] = [numbersOf(before), numbersOf(after)];
  if (old === undefined || now === undefined) return 'other';
  if (old.calendar !== now.calendar) return 'other';
  const at = now.numbers.findIndex((number, index) => number !== (old.numbers[index] ?? 0));
  if (at < 0) return 'same';
  if ((now.numbers[at] ?? 0) < (old.numbers[at] ?? 0)) return 'downgrade';
  if (now.calendar) return 'calendar';
  // A counter of builds.
  if (at === 0 && (now.numbers[0] ?? 0) >= 1000) return 'other';
  return at === 0 ? 'major' : at === 1 ? 'minor' : 'patch';
}
