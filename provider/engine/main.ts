import 'reflect-metadata';
import { main } from '@pulumi/pulumi/provider';
import { engineAddress, engineLog } from './engineLog';
import { watchShutdown } from './shutdown';
import { platformProvider } from './platformProvider';
import { registry } from '../resources/registry';
import { sweepTempDirs } from '../../clients/process/tempDir';

const args = process.argv.slice(2);
const { signal, cancel } = watchShutdown();
const provider = platformProvider(registry, { sinkFor: engineLog(engineAddress(args)), signal, cancel });

sweepTempDirs()
  .then(() => main(provider, args))
  .catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
