import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateConfiguration } from '../../../cluster/talos/library/generate';
import { documentsOf } from '../../lab/talosLibraryFacts';
import { requestsOf } from '../../lab/machineConfigs';
import { fleetDefinition, fleetNames } from '../fleets';
import { maskedLikeTheLibrary } from './masked';

// The files are what the Go library generated: tests/lab/fleets.test.ts compares them with it.
describe.each(fleetNames)('without Go, the machines of %s', (name) => {
  test.each(requestsOf(fleetDefinition(name)).map((request) => [request.name, request] as const))(
    'get exactly the library’s documents: %s',
    (machine, request) => {
      const file = join(__dirname, '..', '..', 'fixtures', 'machines', name, `machine-${machine}.yaml`);
      const documents = generateConfiguration(request, () => '***');
      expect(documents.map(maskedLikeTheLibrary)).toEqual(documentsOf(readFileSync(file, 'utf8')));
    },
  );
});
