import * as grpc from '@grpc/grpc-js';
import { EventsClient } from '@pulumi/pulumi/proto/events_grpc_pb';
import { EventRequest } from '@pulumi/pulumi/proto/events_pb';
import { receiveEvents, type UpEvent } from '../../lab/up/engineEvents';

test('events arrive in order, before the run learns that all have', async () => {
  const events: UpEvent[] = [];
  const { args, env, close } = await receiveEvents((event) => events.push(event));
  const [flag, address = ''] = args;
  expect([flag, address.replace(/\d+$/, 'port')]).toEqual(['--event-log', 'tcp://127.0.0.1:port']);
  expect(env).toEqual({ PULUMI_DEBUG_COMMANDS: 'true' });
  const client = new EventsClient(address.replace('tcp://', ''), grpc.credentials.createInsecure());
  try {
    const sent = new Promise<void>((resolve, reject) => {
      const stream = client.streamEvents((error) => (error === null ? resolve() : reject(error)));
      for (const text of ['{"sequence":0}', 'not JSON', `{"sequence":1,"long":"${'x'.repeat(5_000_000)}"}`]) {
        const request = new EventRequest();
        request.setEvent(text);
        stream.write(request);
      }
      stream.end();
    });
    await sent;
  } finally {
    client.close();
    close();
  }
  expect(events.map((event) => (event as { sequence: number }).sequence)).toEqual([0, 1]);
});
