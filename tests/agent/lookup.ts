import type { Lookup } from '../../lab/agent/refusals';
import type { ReportedObject } from '../../lab/agent/reportedObject';

/** Objects by path. */
export type Objects = Record<string, object>;

/** Looks up `objects` by path; a list has every object below its path. */
export const lookup = (
  objects: Objects,
  gatewayApiProblem?: string,
  archives: Record<string, readonly string[]> = {},
): Lookup => ({
  archiveNames: (url) => Promise.resolve(archives[url]),
  gatewayApiProblem,
  get: (path) => Promise.resolve(objects[path] as ReportedObject | undefined),
  list: (path) =>
    Promise.resolve(
      Object.entries(objects).flatMap(([at, one]) => (at.startsWith(`${path}/`) ? [one as ReportedObject] : [])),
    ),
});

/** An object that is called `it`. */
export const object = (spec: object, namespace = 'ns'): ReportedObject => ({
  metadata: { name: 'it', namespace },
  spec: spec as Record<string, unknown>,
});
