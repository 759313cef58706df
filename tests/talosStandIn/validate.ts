// Says what the Talos library makes of every machine's configuration, for the platform `metal`:
//   npx tsx tests/talosStandIn/validate.ts [path of pulumi-resource-talos]
import { askTalosLibrary, clusterNames, machineRequests } from './machineConfigs';

async function main(): Promise<void> {
  const binary = process.argv[2] ?? 'pulumi-resource-talos';
  for (const cluster of clusterNames()) {
    for (const answer of await askTalosLibrary(binary, machineRequests(cluster))) {
      console.log(`${answer.valid ? 'ok  ' : 'FAIL'} ${cluster} ${answer.name} (${answer.documents.join(', ')})`);
      for (const error of answer.errors) console.log(`     error: ${error}`);
      for (const warning of answer.warnings) console.log(`     warning: ${warning}`);
      if (!answer.valid) process.exitCode = 1;
    }
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
