/**
 * One cycle for each knot of a graph: nodes that reach each other are reported once. A cycle starts at its first name in
 * the order of the alphabet and is as short as that node allows. Edges to nodes that are not there are left out.
 */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const reported = new Set<string>();
  const cycles: string[][] = [];
  for (const start of [...graph.keys()].sort()) {
    if (reported.has(start)) continue;
    const cycle = shortestWayBack(graph, start);
    if (cycle === undefined) continue;
    cycles.push(cycle);
    const forward = reachable(graph, start);
    for (const node of forward) if (reachable(graph, node).has(start)) reported.add(node);
  }
  return cycles;
}

/** The nodes that a node reaches by one edge or more. */
function reachable(graph: ReadonlyMap<string, readonly string[]>, from: string): Set<string> {
  const found = new Set<string>();
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const next of graph.get(node) ?? []) {
      if (found.has(next) || !graph.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}

function shortestWayBack(graph: ReadonlyMap<string, readonly string[]>, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const open = [start];
  for (let node = open.shift(); node !== undefined; node = open.shift()) {
    for (const next of graph.get(node) ?? []) {
      if (next === start) {
        const way = [node];
        for (let at = node; at !== start;) way.unshift((at = cameFrom.get(at) ?? start));
        return way;
      }
      if (!graph.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, node);
      open.push(next);
    }
  }
  return undefined;
}
