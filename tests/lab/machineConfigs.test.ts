import { ensureTools } from '../../tools/toolchain';
import { validateMachines, clusterNames, machineRequests } from './machineConfigs';

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
});
