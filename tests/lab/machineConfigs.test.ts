import { ensureTools } from '../../tools/toolchain';
import { validateMachines, clusterNames, machineRequests, requestsOf } from './machineConfigs';
import { mutantSamples, randomSamples, type Sample } from './machineSamples';

describe('machine configurations, validated by the Talos library', () => {
  let binary = '';
  beforeAll(
    async () => (binary = (await ensureTools(['talos-provider'], () => undefined))['talos-provider']),
    20 * 60_000,
  );

  test.each(clusterNames())(
    'every machine of %s is valid for metal, without warnings',
    async (cluster) => {
      const results = await validateMachines(binary, machineRequests(cluster));
      const documents = ['v1alpha1', 'EthernetConfig', 'EthernetConfig'];
      expect(results).toEqual(
        machineRequests(cluster).map(({ name }) => ({ name, valid: true, errors: [], warnings: [], documents })),
      );
    },
    30_000,
  );

  test('an invalid patch is rejected with the library’s message', async () => {
    const [machine] = machineRequests(clusterNames()[0] ?? '');
    if (machine === undefined) throw new Error('no machine');
    const invalid = {
      ...machine,
      patches: [...machine.patches, 'machine:\n  kubelet:\n    nodeIP:\n      validSubnets: [nonsense]\n'],
    };
    const [result] = await validateMachines(binary, [invalid]);
    expect(result?.valid).toBe(false);
    expect(result?.errors).toEqual(['kubelet nodeIP subnet is not valid: "nonsense"']);
  }, 30_000);

  /** The samples whose machines Talos refuses, with its reasons. */
  const refused = async (samples: readonly Sample[]) => {
    const requests = samples.flatMap(({ name, definition }) =>
      requestsOf(definition).map((request) => ({ ...request, name: `${name}: ${request.name}` })),
    );
    const results = await validateMachines(binary, requests);
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
