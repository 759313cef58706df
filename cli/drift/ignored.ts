import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Exemption, isAbout, readExemptions } from '../../gitops/exemptions';
import type { Drift } from './drift';

/** The only file that lists accepted drift, relative to the repository root: a table like that of EXCEPTIONS.md. */
export const ignoreFile = 'DRIFT.md';

/** The rows that hold, and what is wrong with the others. */
export interface IgnoreList {
  rows: readonly Exemption[];
  /** Malformed and expired rows, which ignore nothing, each as `<file>:<line>: …; <fix>`. */
  problems: readonly string[];
}

/** Reads the ignore list of a repository; empty if it has none. `today` is YYYY-MM-DD. */
export function readIgnoreList(root: string, today: string): IgnoreList {
  const path = join(root, ignoreFile);
  const { exemptions, malformed } = readExemptions(existsSync(path) ? readFileSync(path, 'utf8') : '', ignoreFile);
  const expired = exemptions.filter(({ expires }) => expires < today);
  return {
    rows: exemptions.filter((row) => !expired.includes(row)),
    problems: [
      ...malformed.map(({ file, line, what, todo }) => `${file}:${line}: the row ${what}; ${todo}`),
      ...expired.map(
        ({ line, id, expires }) =>
          `${ignoreFile}:${line}: the row for ${id} expired on ${expires}; end the drift and remove the row, or set a new date`,
      ),
    ],
  };
}

/** Splits drift into what is to be reported, and what a row accepts: by the id, and by the object with or without its field. */
export function applyIgnoreList(
  findings: readonly Drift[],
  rows: readonly Exemption[],
): { reported: Drift[]; ignored: Drift[] } {
  const isIgnored = ({ id, object, field }: Drift): boolean =>
    rows.some(
      (row) => row.id === id && (isAbout(row, object) || (field !== undefined && isAbout(row, `${object} ${field}`))),
    );
  return {
    reported: findings.filter((finding) => !isIgnored(finding)),
    ignored: findings.filter(isIgnored),
  };
}
