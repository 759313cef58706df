import { fixed, line, palette, text } from './svgShapes';
import type { Timeline } from './timeline';

const chartHeight = 64;
const below = 10;

/** Busy cores over time: this cluster and what serves all, other clusters, everything else on the machine. */
export function coreChart(
  { cores, machine, load }: Timeline,
  cluster: string,
  scale: (at: number) => number,
  top: number,
): { svg: string; height: number } {
  const bottom = top + chartHeight;
  const level = (busy: number): number => bottom - (Math.min(busy, machine.cores) / machine.cores) * chartHeight;
  const stacked = cores.map(({ from, to, busyCores, lab }) => {
    const own = (lab[cluster] ?? 0) + (lab['shared'] ?? 0);
    const labAll = Object.values(lab).reduce((sum, one) => sum + one, 0);
    return { from, to, own, labAll: Math.max(own, labAll), busy: Math.max(busyCores, labAll) };
  });
  // Drawn from back to front, each from the bottom.
  const layers = [
    { fill: palette.rest, of: (one: (typeof stacked)[number]) => one.busy },
    { fill: palette.other, of: (one: (typeof stacked)[number]) => one.labAll },
    { fill: palette.work, of: (one: (typeof stacked)[number]) => one.own },
  ].map(({ fill, of }) => {
    const points = stacked.flatMap((one) => {
      const y = fixed(level(of(one)));
      return [`${fixed(scale(one.from))},${y}`, `${fixed(scale(one.to))},${y}`];
    });
    const [start = 0, end = 0] = [stacked[0]?.from, stacked.at(-1)?.to];
    const path = [`${fixed(scale(start))},${fixed(bottom)}`, ...points, `${fixed(scale(end))},${fixed(bottom)}`];
    return `<polygon points="${path.join(' ')}" fill="${fill}"/>`;
  });
  const share = load === undefined ? '' : `, all busy ${Math.round(load.allBusyShare * 100)} % of the time`;
  const labels = [
    text(8, top + 10, `Busy cores of ${machine.cores}${share}`, { weight: 'bold' }),
    text(8, top + 24, 'this cluster and what serves all', { fill: palette.work }),
    text(8, top + 38, 'other clusters', { fill: '#8A6000' }),
    text(8, top + 52, 'rest of the machine', { fill: palette.quiet }),
  ];
  return {
    svg: [...labels, ...layers, line(scale(0), top, scale(cores.at(-1)?.to ?? 0), top, palette.quiet)].join('\n'),
    height: chartHeight + below,
  };
}
