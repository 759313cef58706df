import { ensureTools } from '../../tools/toolchain';
import { askTalosLibrary, clusterNames, machineRequests } from './machineConfigs';

describe('machine configurations in the eyes of the Talos library', () => {
  let binary = '';
  beforeAll(
    async () => (binary = (await ensureTools(['talos-provider'], () => undefined))['talos-provider']),
    20 * 60_000,
  );

  test.each(clusterNames())(
    'every machine of %s is accepted for metal, without a warning',
    async (cluster) => {
      const answers = await askTalosLibrary(binary, machineRequests(cluster));
      const documents = ['v1alpha1', 'EthernetConfig', 'EthernetConfig'];
      expect(answers).toEqual(
        machineRequests(cluster).map(({ name }) => ({ name, valid: true, errors: [], warnings: [], documents })),
      );
    },
    30_000,
  );

  test('a wrong patch is refused in the words of the library', async () => {
    const [machine] = machineRequests(clusterNames()[0] ?? '');
    if (machine === undefined) throw new Error('no machine');
    const wrong = {
      ...machine,
      patches: [...machine.patches, 'machine:\n  kubelet:\n    nodeIP:\n      validSubnets: [nonsense]\n'],
    };
    const [answer] = await askTalosLibrary(binary, [wrong]);
    expect(answer?.valid).toBe(false);
    expect(answer?.errors).toEqual(['kubelet nodeIP subnet is not valid: "nonsense"']);
  }, 30_000);
});
