import type { Finding } from './checks/check';
import { compareFindings } from './findings';

/** The one place where a finding is excused, from the repository's root. */
export const exemptionsFile = 'EXCEPTIONS.md';

/** One row of the table. */
interface Exemption {
  line: number;
  id: string;
  /** `Kind namespace/name`; a `*` at the end stands for anything. */
  object: string;
  expires: string;
}

const columns = ['id', 'object', 'reason', 'owner', 'expires'] as const;

/** Ids of the findings about the table itself; no row excuses them. */
export const exemptionIds = ['exception-malformed', 'exception-expired', 'exception-stale'] as const;

/** Findings of this kind are only made when charts are rendered. */
const chartId = /^chart-(unknown-value|values-invalid|not-rendered|schema-|api-|workload-)/;

/**
 * Takes the excused findings away, and adds those about the table: a row that cannot be read, one past its day (which
 * excuses nothing any more) and one that excuses nothing; where charts were not looked at, nothing is said of their rows.
 * @param text the table's file; undefined when there is none
 * @param today as YYYY-MM-DD
 */
export function applyExemptions(
  findings: readonly Finding[],
  text: string | undefined,
  today: string,
  charts = false,
): { kept: Finding[]; exempted: number } {
  const { exemptions, malformed } = readExemptions(text ?? '');
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
      about(row, 'exception-expired', `the exception for ${row.id} ended on ${row.expires}`, {
        why: 'An exception is a promise to come back to it by that day.',
        todo: 'mend what it excuses and remove the row, or give it a new day with a reason that still holds',
      }),
    ),
    ...valid
      .filter((row) => !used.has(row) && (charts || !chartId.test(row.id)))
      .map((row) =>
        about(row, 'exception-stale', `nothing is found any more that the exception for ${row.id} excuses`, {
          why: 'It would silently excuse the next mistake of this kind.',
          todo: 'remove the row, or correct its id or object',
        }),
      ),
  ];
  return { kept: [...kept, ...own].sort(compareFindings), exempted: findings.length - kept.length };
}

function covers({ id, object }: Exemption, finding: Finding): boolean {
  if (id !== finding.id) return false;
  return object.endsWith('*') ? finding.object.startsWith(object.slice(0, -1)) : object === finding.object;
}

function about(
  { line, object }: { line: number; object: string },
  id: string,
  what: string,
  text: { why: string; todo: string },
): Finding {
  return { file: exemptionsFile, line, id, severity: 'error', object, clusters: [], what, ...text };
}

function readExemptions(text: string): { exemptions: Exemption[]; malformed: Finding[] } {
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
      // The first row of a table names its columns; a table with others is somebody else's.
      inTable = columns.every((column, at) => cells[at]?.toLowerCase() === column);
      return;
    }
    if (cells.every((cell) => /^:?-+:?$/.test(cell))) return;
    const line = index + 1;
    const wrong = whatIsWrong(cells);
    const [id = '', object = '', , , expires = ''] = cells;
    if (wrong === undefined) exemptions.push({ line, id, object, expires });
    else {
      malformed.push(
        about({ line, object }, 'exception-malformed', wrong, {
          why: 'A row that cannot be read excuses nothing.',
          todo: `write a row as | ${columns.join(' | ')} |, the day as YYYY-MM-DD`,
        }),
      );
    }
  });
  return { exemptions, malformed };
}

/** The cells of a row of a Markdown table, without code marks; undefined for another line. */
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

function whatIsWrong(cells: readonly string[]): string | undefined {
  if (cells.length !== columns.length) return `has ${cells.length} cells, not ${columns.length}`;
  const empty = columns.filter((_, index) => cells[index] === '');
  if (empty.length > 0) return `has no ${empty.join(', no ')}`;
  const expires = cells[4] ?? '';
  const day = new Date(`${expires}T00:00:00Z`);
  if (
    !/^\d{4}-\d{2}-\d{2}$/.test(expires) ||
    Number.isNaN(day.getTime()) ||
    day.toISOString().slice(0, 10) !== expires
  ) {
    return `${expires} is no day`;
  }
  if (cells[1] === '*') return 'excuses every object; name the ones that are meant';
  return undefined;
}
