import { expectFleetFile, fleetDefinition, fleetNames } from '../cluster/fleets';
import { buildLibraries, generateMachines, requestsOf, validateConfigurations } from './machineConfigs';

describe('the machine configurations of the fleets', () => {
  beforeAll(() => buildLibraries(fleetNames.map((name) => fleetDefinition(name).versions.talos)), 20 * 60_000);

  test.each(fleetNames)('Talos takes every machine of %s for metal, without warnings', async (name) => {
    const definition = fleetDefinition(name);
    const machines = await generateMachines(requestsOf(definition));
    expect(machines.flatMap(({ errors }) => errors)).toEqual([]);
    for (const machine of machines) expectFleetFile(name, `machine-${machine.name}.yaml`, machine.masked);
    const results = await validateConfigurations(definition.versions.talos, machines);
    expect(results.map(({ documents: _, ...result }) => result)).toEqual(
      machines.map((machine) => ({ name: machine.name, valid: true, errors: [], warnings: [] })),
    );
  });
});
