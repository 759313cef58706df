// A stand-in for the Pulumi CLI: sends the events of a file to the address in --event-log, as the real one does.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { EventsClient } from '@pulumi/pulumi/proto/events_grpc_pb';
import { EventRequest } from '@pulumi/pulumi/proto/events_pb';

const [folder = '', ...args] = process.argv.slice(2);
const read = (name: string): string => {
  const file = join(folder, `${args[0]}.${name}`);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

function sendEvents(): void {
  const address = (args[args.indexOf('--event-log') + 1] ?? '').replace('tcp://', '');
  const client = new EventsClient(address, grpc.credentials.createInsecure());
  const stream = client.streamEvents(() => {
    const stderr = read('stderr');
    process.stderr.write(stderr, () => process.exit(stderr === '' ? 0 : 255));
  });
  for (const event of JSON.parse(read('events') || '[]') as object[]) {
    const request = new EventRequest();
    request.setEvent(JSON.stringify(event));
    stream.write(request);
  }
  stream.end();
}

appendFileSync(join(folder, 'calls'), `${args.join(' ')}\n`);
if (args[0] === 'version') process.stdout.write('v3.248.0\n');
else sendEvents();
