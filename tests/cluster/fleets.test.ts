import { requestsOf } from '../lab/machineConfigs';
import { configurationFiles, expectFleetFile, fleetDefinition, fleetNames } from './fleets';

test('there are as many fleets as people have', () => {
  expect(fleetNames.length).toBeGreaterThanOrEqual(24);
});

describe.each(fleetNames)('fleet %s', (name) => {
  // The whole configurations need Go: tests/lab/fleets.test.ts.
  test('gives the patches that its machines are made of', () => {
    const machines = requestsOf(fleetDefinition(name));
    const text = machines.map((machine) => `# ${machine.name}\n${machine.patches.join('---\n')}`).join('---\n');
    expectFleetFile(name, 'patches.yaml', text);
  });

  test('has one configuration per machine', () => {
    const files = fleetDefinition(name).nodes.map((node) => `machine-${node.name}.yaml`);
    expect(configurationFiles(name)).toEqual(files.sort());
  });
});
