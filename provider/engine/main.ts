import 'reflect-metadata';
import { main } from '@pulumi/pulumi/provider';
import { sweepTempDirs } from '../../clients/process/tempDir';
import { registry } from '../resources/registry';
import { engineAddress, engineLog } from './engineLog';
import { platformProvider } from './platformProvider';
import { watchShutdown } from './shutdown';

const args = process.argv.slice(2);
const { signal, cancel } = watchShutdown();
const provider = platformProvider(registry, { sinkFor: engineLog(engineAddress(args)), signal, cancel });

sweepTempDirs()
  .then(() => main(provider, args))
  .catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
