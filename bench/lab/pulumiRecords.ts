import type { ResourceRecord, StampedLine, UpdateRecord } from './recording';

/** The parts of a checkpoint in the lab's backend that {@link resourceRecords} reads; it has no secrets in them. */
export interface Checkpoint {
  checkpoint?: {
    latest?: {
      resources?: {
        urn: string;
        type: string;
        custom?: boolean;
        created?: string;
        provider?: string;
        dependencies?: string[];
      }[];
    };
  };
}

/**
 * The resources of a stack, in the order of its state.
 * @param starts when the creation of a resource began, by id
 */
export function resourceRecords(state: Checkpoint, starts: ReadonlyMap<string, number>): ResourceRecord[] {
  const resources = (state.checkpoint?.latest?.resources ?? []).filter(({ custom }) => custom === true);
  const ids = new Map(resources.map(({ urn, type }) => [urn, `${shortType(type)} ${nameOf(urn)}`]));
  return resources.flatMap(({ urn, created, provider, dependencies = [] }) => {
    const id = ids.get(urn) ?? urn;
    const at = Date.parse(created ?? '');
    if (Number.isNaN(at)) return [];
    // A provider's reference is its URN and its id.
    const providerUrn = provider?.slice(0, provider.lastIndexOf('::'));
    const needed = [...dependencies, ...(providerUrn === undefined ? [] : [providerUrn])];
    const started = starts.get(id);
    return {
      id,
      ...(started !== undefined && { started: Math.min(started, at) }),
      created: at,
      dependsOn: [...new Set(needed.flatMap((one) => ids.get(one) ?? []))],
    };
  });
}

/** A type as Pulumi's progress shows it: `cloudflare:index/apiToken:ApiToken` becomes `cloudflare:index:ApiToken`. */
function shortType(type: string): string {
  const [pkg = '', module = '', name = ''] = type.split(':');
  const file = `/${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  return `${pkg}:${module.endsWith(file) ? module.slice(0, -file.length) : module}:${name}`;
}

function nameOf(urn: string): string {
  return urn.split('::').slice(3).join('::');
}

/** When the first line about the creation of a resource arrived, by id. */
export function resourceStarts(lines: readonly StampedLine[]): Map<string, number> {
  const starts = new Map<string, number>();
  for (const { at, text } of lines) {
    const [, type, name] = /^\s*\+\s+(\S+:\S*:\S+) (\S+) creat/.exec(text) ?? [];
    const id = `${type} ${name}`;
    if (type !== undefined && !starts.has(id)) starts.set(id, at);
  }
  return starts;
}

/** The runs of `pulumi up` in the lines of its log; one without its last line has not ended and is left out. */
export function updatesInLog(lines: readonly StampedLine[]): UpdateRecord[] {
  const updates: UpdateRecord[] = [];
  let start: number | undefined;
  for (const { at, text } of lines) {
    if (/^Updating \(/.test(text)) start = at;
    if (start === undefined || !/^Duration: /.test(text)) continue;
    updates.push({ start, end: at });
    start = undefined;
  }
  return updates;
}

/** An update in the history of the lab's backend; times in seconds. */
export interface HistoryEntry {
  kind?: string;
  startTime?: number;
  endTime?: number;
}

/** The runs of `pulumi up` in a stack's history, the first one first. */
export function updatesInHistory(entries: readonly HistoryEntry[]): UpdateRecord[] {
  return entries
    .filter(({ kind }) => kind === 'update')
    .flatMap(({ startTime, endTime }) =>
      startTime === undefined || endTime === undefined ? [] : [{ start: startTime * 1000, end: endTime * 1000 }],
    )
    .sort((a, b) => a.start - b.start);
}
