import { awaitedKustomizations } from '../../cluster/awaitedKustomizations';
import { configurationDocuments } from '../../cluster/rollout/configurationDocuments';
import { maskSecrets } from '../../cluster/talos/secretPaths';
import { type Json, isMap, listOf, specOf, textOf, valueAt } from '../../gitops/kubernetesObject';
import { type RenderedTree, renderAll } from '../../gitops/render/renderAll';
import type { PlannedProgram } from '../../stacks/mocked/plannedRun';
import { plannedRun } from '../../stacks/mocked/plannedRun';
import type { Registered } from '../../stacks/mocked/recorder';
import { fluxPlan } from './fluxPlan';
import { plannedResources } from './plannedResources';
import type { ComparablePlan, PlannedCrds, PlannedMachine, PlannedRelease } from './stackPlan';

const types = {
  configuration: 'platform:index:MachineConfiguration',
  system: 'platform:index:MachineSystem',
  kubernetes: 'platform:index:KubernetesVersion',
  crds: 'platform:index:CustomResourceDefinitions',
  release: 'platform:index:BootstrapRelease',
  handover: 'platform:index:Handover',
} as const;

/**
 * Plans a stack: what the program registers, and what Flux applies afterwards.
 * @param root the repository that describes the stack
 * @param format as for {@link plannedRun}
 * @throws RunError with everything that the program refuses; ManifestError for files that cannot be read
 */
export async function planStack(stack: string, root: string, format?: string): Promise<ComparablePlan> {
  const program = await plannedRun(stack, { root, ...(format !== undefined && { format }) });
  const cluster = renderAll(root, stack);
  const ofType = (type: string): Registered[] => program.resources.filter((resource) => resource.type === type);
  const machines = ofType(types.configuration);
  const systems = ofType(types.system);
  const [kubernetes] = ofType(types.kubernetes);
  const flux = fluxPlan(cluster);
  const handover = ofType(types.handover).flatMap(({ inputs }) => listOf(inputs['kustomizations'] as Json).map(String));
  const declared = cluster.kustomizations.slice(1).map(({ name, namespace, object }) => ({
    name,
    namespace,
    suspended: specOf(object)['suspend'] === true,
    dependsOn: listOf(specOf(object)['dependsOn']).map((other) => textOf(valueAt(other, 'name'))),
  }));
  return {
    cluster,
    configurations: new Map(machines.map(({ name, inputs }) => [name, String(inputs['configuration'])])),
    plan: {
      stack,
      versions: {
        talos: textOf(systems[0]?.inputs['version'] as Json),
        kubernetes: textOf(kubernetes?.inputs['version'] as Json),
      },
      format: program.format,
      resources: plannedResources(program.resources, program.placeholders, shownElsewhere),
      machines: machines.map((machine) => plannedMachine(machine, machines, systems, program)),
      crds: ofType(types.crds).flatMap(({ inputs }) => listOf(inputs['sources'] as Json).map(plannedCrds)),
      core: stagesOf(ofType(types.release)).map((stage) => stage.map((release) => plannedRelease(release, cluster))),
      handover: { awaited: handover, skipped: awaitedKustomizations(declared).skipped },
      flux,
    },
  };
}

function shownElsewhere({ type }: Registered, input: string): Json | undefined {
  if (type === types.configuration && input === 'configuration') return '[the documents of the machine]';
  if (type === types.release && input === 'values') return '[the values of the release]';
  return undefined;
}

function plannedMachine(
  machine: Registered,
  machines: readonly Registered[],
  systems: readonly Registered[],
  { placeholders, refused }: PlannedProgram,
): PlannedMachine {
  const { name, inputs, dependencies } = machine;
  const configuration = String(inputs['configuration']);
  const system = systems.find((candidate) => candidate.name === name)?.inputs ?? {};
  const why = refused.get(configuration);
  const { schematic } = system;
  return {
    name,
    role: String(inputs['role']),
    address: String(inputs['node']),
    after: machines.filter(({ urn }) => dependencies.includes(urn)).map((other) => other.name),
    system: {
      version: String(system['version']),
      ...(typeof schematic === 'string' && { schematic }),
      image: String(system['image']),
    },
    documents:
      why === undefined
        ? [...configurationDocuments(configuration).values()].map((document) => maskSecrets(document, placeholders))
        : [],
    ...(why !== undefined && { refused: why }),
  };
}

function plannedCrds(source: Json): PlannedCrds {
  const text = (key: string): string => textOf(valueAt(source, key));
  const chart = text('chartUrl');
  if (chart !== '') return { name: text('name'), from: `${chart} ${text('version')}` };
  const { kind: _, name, ...rest } = isMap(source) ? source : {};
  return {
    name: textOf(name),
    from: Object.values(rest)
      .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
      .join(' '),
  };
}

/** The releases in stages: each waits for the whole stage before it. */
function stagesOf(releases: readonly Registered[]): Registered[][] {
  const urns = new Set(releases.map(({ urn }) => urn));
  const stages: Registered[][] = [];
  const done = new Set<string>();
  let waiting = [...releases];
  while (waiting.length > 0) {
    const ready = waiting.filter(({ dependencies }) => dependencies.every((urn) => !urns.has(urn) || done.has(urn)));
    if (ready.length === 0) throw new Error('releases of the core wait for each other');
    stages.push(ready);
    for (const { urn } of ready) done.add(urn);
    waiting = waiting.filter((release) => !ready.includes(release));
  }
  return stages;
}

function plannedRelease({ inputs }: Registered, cluster: RenderedTree): PlannedRelease {
  const text = (key: string): string => textOf(inputs[key] as Json);
  const file = cluster.objects.find(({ object }) => {
    const { name, namespace } = object.metadata;
    return (
      object.kind === 'HelmRelease' &&
      namespace === text('storageNamespace') &&
      textOf(specOf(object)['releaseName'], name) === text('name')
    );
  })?.file;
  return {
    name: text('name'),
    namespace: text('namespace'),
    chart: text('chartUrl'),
    version: text('version'),
    values: JSON.parse(text('values')) as Json,
    ...(file !== undefined && { file }),
  };
}
