import type { ClusterDefinition } from '../../cluster/definition';
import {
  buildLibraries,
  clusterDefinition,
  clusterNames,
  generateMachines,
  requestsOf,
  validateConfigurations,
  validateMachines,
} from './machineConfigs';
import { mutantSamples, randomSamples, type Sample } from './machineSamples';

/** The machines of a cluster, with patches added to each, as its Talos version finds them. */
async function validated(definition: ClusterDefinition, patches: readonly string[] = []) {
  const requests = requestsOf(definition).map((request) => ({ ...request, patches: [...request.patches, ...patches] }));
  return await validateConfigurations(definition.versions.talos, await generateMachines(requests));
}

describe('machine configurations, validated by the Talos library', () => {
  const clusters = clusterNames().map(clusterDefinition);
  beforeAll(() => buildLibraries(clusters.map(({ versions }) => versions.talos)), 20 * 60_000);

  test.each(clusters.map((definition) => [definition.name, definition] as const))(
    'every machine of %s is valid for metal, without warnings',
    async (_, definition) => {
      const documents = ['v1alpha1', 'EthernetConfig', 'EthernetConfig', 'UserVolumeConfig'];
      // Where a cluster lists `logs`, messages of the kernel go to Fluent Bit.
      if (definition.sendsLogs === true) documents.push('KmsgLogConfig');
      expect(await validated(definition)).toEqual(
        definition.nodes.map(({ name }) => ({ name, valid: true, errors: [], warnings: [], documents })),
      );
    },
    30_000,
  );

  test('an invalid patch is rejected with the library’s message', async () => {
    const [definition] = clusters;
    if (definition === undefined) throw new Error('no cluster');
    const [result] = await validated(definition, [
      'machine:\n  kubelet:\n    nodeIP:\n      validSubnets: [nonsense]\n',
    ]);
    expect(result?.valid).toBe(false);
    expect(result?.errors).toEqual(['kubelet nodeIP subnet is not valid: "nonsense"']);
  }, 30_000);

  /** The samples whose machines Talos refuses, with its reasons. */
  const refused = async (samples: readonly Sample[]) => {
    const requests = samples.flatMap(({ name, definition }) =>
      requestsOf(definition).map((request) => ({ ...request, name: `${name}: ${request.name}` })),
    );
    const results = await validateMachines('v1.11.2', requests);
    return results.filter(({ valid, warnings }) => !valid || warnings.length > 0);
  };

  // MACHINE_SAMPLES=20000 npm run test:lab -- tests/lab/machineConfigs.test.ts
  test('Talos refuses nothing that the program accepts: random hardware', async () => {
    const samples = randomSamples(Number(process.env.MACHINE_SAMPLES ?? 2000), 20261128);
    expect(samples.length).toBeGreaterThan(20);
    expect(await refused(samples)).toEqual([]);
  }, 600_000);

  test('Talos refuses nothing that the program accepts: every single change', async () => {
    const samples = mutantSamples();
    expect(samples.length).toBeGreaterThan(20);
    expect(await refused(samples)).toEqual([]);
  }, 600_000);
});
