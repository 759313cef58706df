import * as grpc from '@grpc/grpc-js';
import { EngineService } from '@pulumi/pulumi/proto/engine_grpc_pb';
import { LogSeverity, type LogRequest } from '@pulumi/pulumi/proto/engine_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import { engineAddress, engineLog } from '../../../provider/engine/engineLog';
import { makeProgress } from '../../../provider/engine/progress';

test.each([
  [['127.0.0.1:1'], '127.0.0.1:1'],
  [['--logtostderr', '-v=9', '--tracing', 'tcp://x', '127.0.0.1:2'], '127.0.0.1:2'],
  [[], undefined],
])('the address of the engine in %j', (args, address) => {
  expect(engineAddress(args)).toBe(address);
});

test('progress is sent to the engine with the URN of the resource, status lines as ephemeral, repeated lines once', async () => {
  const received: LogRequest[] = [];
  const server = new grpc.Server();
  server.addService(EngineService, {
    log: (call: grpc.ServerUnaryCall<LogRequest, Empty>, callback: grpc.sendUnaryData<Empty>) => {
      received.push(call.request);
      callback(null, new Empty());
    },
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const progress = makeProgress(engineLog(`127.0.0.1:${port}`)('urn:x'));
  progress.status('waiting');
  progress.status('waiting');
  progress.info('waiting for 2');
  progress.info('waiting for 2');
  progress.warn('careful');
  while (received.length < 3) await new Promise((done) => setTimeout(done, 10));
  server.forceShutdown();
  const lines = received.map((line) => [line.getUrn(), line.getMessage(), line.getEphemeral(), line.getSeverity()]);
  expect(lines.sort(([, a], [, b]) => String(a).localeCompare(String(b)))).toEqual([
    ['urn:x', 'careful', false, LogSeverity.WARNING],
    ['urn:x', 'waiting', true, LogSeverity.INFO],
    ['urn:x', 'waiting for 2', false, LogSeverity.INFO],
  ]);
});

test('without an engine, progress is dropped without an error', () => {
  expect(() => makeProgress(engineLog(undefined)('urn:x')).info('a')).not.toThrow();
});
