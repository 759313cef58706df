import { inLanes } from './lanes';
import type { ToolName } from './manifest';

/** The tool that contains most of what the others share. */
const first: ToolName = 'kube-apiserver';

/** The tools of a lane share much with each other. The longest lanes come first; every other tool has a lane of its own. */
const lanes: readonly (readonly ToolName[])[] = [
  ['pulumi', 'talos-provider', 'talos-machine'],
  ['kube-controller-manager', 'kube-scheduler', 'kubectl'],
  ['kube-apiserver-next', 'kube-controller-manager-next', 'kube-scheduler-next'],
  ['source-controller', 'kustomize-controller', 'helm-controller', 'flux-operator'],
];

/**
 * Builds tools so that no core idles and no package is compiled twice. Go does not know which packages another `go build`
 * is compiling at the same time; a single `go build` leaves cores idle while it links. Hence: the tool that contains most of
 * the shared packages alone, then two lanes at a time.
 */
export async function inBuildOrder(
  names: readonly ToolName[],
  build: (name: ToolName) => Promise<void>,
): Promise<void> {
  if (names.includes(first)) await build(first);
  const long = lanes.flat().filter((name) => names.includes(name));
  const short = names.filter((name) => name !== first && !long.includes(name));
  const laneOf = (name: ToolName): string => lanes.find((lane) => lane.includes(name))?.[0] ?? name;
  await inLanes([...long, ...short], laneOf, 2, build);
}
