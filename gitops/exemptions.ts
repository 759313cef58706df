import type { Finding } from './checks/check';
import { compareFindings } from './findings';

/** The only file that exempts findings, relative to the repository root. */
export const exemptionsFile = 'EXCEPTIONS.md';

/** Ids of findings that no row exempts, with the reason. */
const neverExempt = new Map([
  ['definition', 'pulumi preview and pulumi up refuse the cluster, whatever this table says'],
]);

/** One row of the table. */
export interface Exemption {
  line: number;
  id: string;
  /** `Kind namespace/name`; a trailing `*` matches anything. */
  object: string;
  expires: string;
}

const columns = ['id', 'object', 'reason', 'owner', 'expires'] as const;

/** Ids of the findings about the table itself, which cannot be exempted. */
export const exemptionIds = ['exception-malformed', 'exception-expired', 'exception-stale'] as const;

/**
 * Removes the exempted findings and adds findings about the table itself: a malformed row, an expired row (which no
 * longer exempts anything) and a stale row, which matches no finding.
 * @param text content of the exceptions file; undefined if it does not exist
 * @param today as YYYY-MM-DD
 * @param isChecked whether the rule of a row checked the row's object; if not, the row cannot be stale
 */
export function applyExemptions(
  findings: readonly Finding[],
  text: string | undefined,
  today: string,
  isChecked: (row: Exemption) => boolean = () => true,
): { kept: Finding[]; exempted: number } {
  const { exemptions, malformed } = readExemptions(text ?? '', exemptionsFile);
  const expired = exemptions.filter(({ expires }) => expires < today);
  const valid = exemptions.filter((row) => !expired.includes(row));
  const used = new Set<Exemption>();
  const kept = findings.filter((finding) => {
    const rows = valid.filter((row) => covers(row, finding));
    for (const row of rows) used.add(row);
    return rows.length === 0;
  });
  const own = [
    ...malformed,
    ...expired.map((row) =>
      about(row, 'exception-expired', `the exception for ${row.id} expired on ${row.expires}`, {
        why: 'An exception is a promise to revisit the problem by that date.',
        todo: 'fix the problem and remove the row, or set a new date with a reason that still applies',
      }),
    ),
    ...valid
      .filter((row) => !used.has(row) && isChecked(row))
      .map((row) =>
        about(row, 'exception-stale', `the exception for ${row.id} matches no finding`, {
          why: 'It would silently hide the next mistake of this kind.',
          todo: 'remove the row, or fix its id or object',
        }),
      ),
  ];
  return { kept: [...kept, ...own].sort(compareFindings), exempted: findings.length - kept.length };
}

function covers(row: Exemption, finding: Finding): boolean {
  return row.id === finding.id && isAbout(row, finding.object);
}

/** Whether a row is about an object, given as findings name it. */
export function isAbout(row: Exemption, object: string): boolean {
  return row.object.endsWith('*') ? object.startsWith(row.object.slice(0, -1)) : row.object === object;
}

function about(
  { line, object }: { line: number; object: string },
  id: string,
  what: string,
  text: { why: string; todo: string },
): Finding {
  return { file: exemptionsFile, line, id, severity: 'error', object, clusters: [], what, ...text };
}

/** The rows of a table in that file, and findings about rows that are not as they must be. */
export function readExemptions(text: string, file: string): { exemptions: Exemption[]; malformed: Finding[] } {
  const exemptions: Exemption[] = [];
  const malformed: Finding[] = [];
  let inTable = false;
  text.split(/\r?\n/).forEach((content, index) => {
    const cells = cellsOf(content);
    if (cells === undefined) {
      inTable = false;
      return;
    }
    if (!inTable) {
      // The first row of a table is its header; a table with other columns is not ours.
      inTable = columns.every((column, at) => cells[at]?.toLowerCase() === column);
      return;
    }
    if (cells.every((cell) => /^:?-+:?$/.test(cell))) return;
    const line = index + 1;
    const problem = rowProblem(cells);
    const [id = '', object = '', , , expires = ''] = cells;
    if (problem === undefined) exemptions.push({ line, id, object, expires });
    else {
      malformed.push({
        ...about({ line, object }, 'exception-malformed', problem, {
          why: 'A malformed row exempts nothing.',
          todo: `write the row as | ${columns.join(' | ')} |, with the date as YYYY-MM-DD`,
        }),
        file,
      });
    }
  });
  return { exemptions, malformed };
}

/** The cells of a Markdown table row, without backticks; undefined if the line is not a table row. */
function cellsOf(content: string): string[] | undefined {
  const row = content.trim();
  if (!row.startsWith('|')) return undefined;
  const inside = row.replace(/^\||\|$/g, '');
  return inside.split(/(?<!\\)\|/).map((cell) =>
    cell
      .trim()
      .replaceAll('\\|', '|')
      .replace(/^`(.*)`$/, '$1'),
  );
}

function rowProblem(cells: readonly string[]): string | undefined {
  if (cells.length !== columns.length) return `has ${cells.length} cells, expected ${columns.length}`;
  const empty = columns.filter((_, index) => cells[index] === '');
  if (empty.length > 0) return `is missing ${empty.join(', ')}`;
  const expires = cells[4] ?? '';
  const day = new Date(`${expires}T00:00:00Z`);
  if (
    !/^\d{4}-\d{2}-\d{2}$/.test(expires) ||
    Number.isNaN(day.getTime()) ||
    day.toISOString().slice(0, 10) !== expires
  ) {
    return `${expires} is not a valid date`;
  }
  const reason = neverExempt.get(cells[0] ?? '');
  if (reason !== undefined) return `exempts ${cells[0]}, which cannot be exempted: ${reason}`;
  if (cells[1] === '*') return 'exempts every object; list the intended ones';
  return undefined;
}
