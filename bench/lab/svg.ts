import { coreChart } from './svgCores';
import { bar, escapeXml, fixed, line, palette, text } from './svgShapes';
import type { SpanKind, TimelineSpan } from './timelineSpan';
import type { ClusterTimeline, Timeline } from './timeline';

const width = 1000;
const left = 250;
const right = 12;
const rowHeight = 14;
const headingHeight = 24;
/** At most, of the font at 10 pixels. */
const widthOfCharacter = 6;

const sections: readonly { title: string; kinds: readonly SpanKind[] }[] = [
  { title: 'Steps of lab up', kinds: ['step', 'tool'] },
  { title: 'Processes: start to ready; programs: lifetime and CPU seconds', kinds: ['process'] },
  { title: 'Machines: configured to node ready', kinds: ['machine'] },
  { title: 'Pulumi resources', kinds: ['resource', 'crds', 'handover'] },
  { title: 'Bootstrap releases, by Pulumi', kinds: ['release'] },
  { title: 'Kustomizations', kinds: ['kustomization'] },
  { title: 'HelmReleases', kinds: ['helmrelease'] },
  { title: "Revisions in Helm's storage: pending to deployed", kinds: ['revision'] },
];

// Shorter ones are only counted, unless they are on the critical path.
const shownSeconds: Partial<Record<SpanKind, number>> = { resource: 0.5, process: 0.5 };
const shownCpuSeconds = 1;
/** Kinds whose note says what they started after. */
const notedAfter: ReadonlySet<SpanKind> = new Set(['kustomization', 'helmrelease']);

/** The timeline of one cluster as an SVG image, 1000 pixels wide. The same input gives the same text. */
export function renderSvg(timeline: Timeline, cluster: string): string {
  const own = timeline.clusters[cluster];
  if (own === undefined) throw new Error(`timeline: found no cluster ${JSON.stringify(cluster)}`);
  const scale = (at: number): number => left + (Math.max(0, at) / timeline.seconds) * (width - left - right);
  const body: string[] = [];
  let y = 62;
  if (timeline.cores.length > 0) {
    const chart = coreChart(timeline, cluster, scale, y);
    body.push(chart.svg);
    y += chart.height;
  }
  const top = y;
  for (const { title, kinds } of sections) {
    const all = own.spans.filter(({ kind }) => kinds.includes(kind));
    const shown = all.filter(isShown).sort((a, b) => firstSeen(a) - firstSeen(b) || a.id.localeCompare(b.id));
    if (shown.length === 0) continue;
    y += headingHeight;
    body.push(text(8, y - 7, title, { weight: 'bold' }));
    for (const span of shown) {
      body.push(row(span, y, scale, timeline.seconds));
      y += rowHeight;
    }
    if (shown.length < all.length) {
      body.push(text(8, y + 10, `and ${all.length - shown.length} shorter or cheaper`, { fill: palette.quiet }));
      y += rowHeight;
    }
  }
  const height = y + 28;
  const axis = ticks(timeline.seconds).flatMap((at) => [
    line(scale(at), 58, scale(at), y + 6, palette.grid),
    text(scale(at), y + 18, `${at} s`, { anchor: 'middle', fill: palette.quiet }),
  ]);
  const milestones = own.phases
    .filter(({ from, to }) => to - from > timeline.seconds / 40)
    .map(({ to }) => line(scale(to), top, scale(to), y + 6, palette.milestone, '4 3'));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="10">`,
    `<title>${escapeXml(`lab up: cluster ${cluster}`)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(8, 18, heading(timeline, cluster, own), { size: 12, weight: 'bold' }),
    legend(),
    ...axis,
    ...milestones,
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

function heading({ seconds, source, machine, clusters }: Timeline, cluster: string, own: ClusterTimeline): string {
  const alone = Object.keys(clusters).length === 1 ? ' alone' : ` of ${Object.keys(clusters).length}`;
  const moments = [
    ...(own.handedOver === undefined ? [] : [`handed over at ${fixed(own.handedOver)} s`]),
    ...(own.secondUp === undefined ? [] : [`second up clean at ${fixed(own.secondUp)} s`]),
    `lab up took ${fixed(seconds)} s`,
  ];
  const how = source === 'live' ? '' : '; read afterwards';
  return `Cluster ${cluster}${alone}: ${moments.join(', ')}; ${machine.cores} cores${how}`;
}

function legend(): string {
  const y = 34;
  const items: [number, string, string][] = [
    [8, bar(8, y, 16, 8, palette.work), 'working'],
    [90, bar(90, y + 2, 16, 4, palette.wait), 'waiting for a dependency'],
    [250, line(250, y + 4, 266, y + 4, palette.quiet), 'exists, not yet attempted'],
    [410, bar(410, y, 16, 8, palette.alive), 'running'],
    [480, bar(480, y, 16, 8, palette.work, palette.critical), 'on the critical path (label with ▸)'],
    [680, line(688, y - 1, 688, y + 9, palette.milestone, '4 3'), 'end of a phase'],
    [780, text(784, y + 8, '×', { weight: 'bold' }), 'failed attempt'],
  ];
  return items.map(([x, shape, label]) => `${shape}${text(x + 20, y + 8, label)}`).join('\n');
}

function isShown(span: TimelineSpan): boolean {
  if (span.critical) return true;
  if (span.cpuSeconds !== undefined) return span.cpuSeconds >= shownCpuSeconds;
  return span.end === undefined || span.end - span.start >= (shownSeconds[span.kind] ?? 0);
}

function firstSeen({ created, start }: TimelineSpan): number {
  return Math.min(created ?? start, start);
}

function row(span: TimelineSpan, y: number, scale: (at: number) => number, total: number): string {
  const { start, end = total, created, waits = [], failures = [], marks = [], critical, cpuSeconds } = span;
  const middle = y + rowHeight / 2;
  const at = scale(start);
  const shapes: string[] = [];
  if (created !== undefined && created < start) {
    shapes.push(line(scale(created), middle, at, middle, palette.quiet));
  }
  for (const { from, to } of waits) {
    shapes.push(bar(scale(from), y + 5, Math.max(1, scale(to) - scale(from)), 4, palette.wait));
  }
  const fill = cpuSeconds === undefined ? palette.work : palette.alive;
  shapes.push(bar(at, y + 2, Math.max(1, scale(end) - at), 10, fill, critical ? palette.critical : undefined));
  for (const mark of marks) shapes.push(line(scale(mark.at), y + 8, scale(mark.at), y + 12, palette.mark));
  for (const failure of failures) {
    shapes.push(text(scale(failure.at), y + 11, '×', { weight: 'bold', anchor: 'middle' }));
  }
  const label = `${critical ? '▸ ' : ''}${span.label}`;
  shapes.push(text(8, y + 11, label.length > 44 ? `${label.slice(0, 43)}…` : label));
  shapes.push(noteBeside(span, y + 11, scale, end));
  return shapes.join('');
}

/** The note right of the bar if it fits there, otherwise left of everything in the row, otherwise on the bar or before it. */
function noteBeside(span: TimelineSpan, y: number, scale: (at: number) => number, end: number): string {
  const note = noteOf(span);
  const needed = note.length * widthOfCharacter + 8;
  const from = Math.min(scale(firstSeen(span)), ...(span.waits ?? []).map((wait) => scale(wait.from)));
  // A program's lifetime says little; its CPU does.
  if (span.cpuSeconds !== undefined && scale(end) - scale(span.start) > needed) {
    return text(scale(span.start) + 4, y, note, { fill: palette.critical });
  }
  if (scale(end) + needed < width) return text(scale(end) + 4, y, note, { fill: palette.quiet });
  if (from - needed > left) return text(from - 4, y, note, { anchor: 'end', fill: palette.quiet });
  const fits = scale(end) - scale(span.start) > needed;
  if (fits) return text(scale(end) - 4, y, note, { anchor: 'end', fill: palette.onWork });
  const to = scale(span.start) - 4;
  return (
    bar(to - needed + 6, y - 9, needed - 6, 11, '#ffffff') + text(to, y, note, { anchor: 'end', fill: palette.quiet })
  );
}

function noteOf({ kind, start, end, after, cpuSeconds }: TimelineSpan): string {
  if (cpuSeconds !== undefined) return `${fixed(cpuSeconds)} CPU s`;
  const seconds = end === undefined ? 'not ready' : `${fixed(end - start)} s`;
  if (after === undefined || !notedAfter.has(kind)) return seconds;
  const [kindAfter, name = kindAfter] = after.id.split(' ');
  // Most often a Kustomization and its HelmRelease have the same name.
  const which = kind === 'kustomization' && kindAfter === 'HelmRelease' ? 'HelmRelease ' : '';
  return `${seconds}, ${fixed(after.seconds)} s after ${which}${name?.replace(/^.*\//, '')}`;
}

/** At most twelve round numbers of seconds. */
function ticks(seconds: number): number[] {
  const step = [1, 2, 5, 10, 20, 30, 60, 120, 300].find((one) => seconds / one <= 12) ?? 600;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, at) => at * step);
}
