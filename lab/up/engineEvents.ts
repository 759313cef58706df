import type { EngineEvent } from '@pulumi/pulumi/automation';
import type { EventRequest } from '@pulumi/pulumi/proto/events_pb';
import * as grpc from '@grpc/grpc-js';
import { EventsService } from '@pulumi/pulumi/proto/events_grpc_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';

/** The part of an engine event that the lab reads. */
export type UpEvent = Pick<EngineEvent, 'resourcePreEvent' | 'resOutputsEvent' | 'diagnosticEvent'>;

/** Receives the events of one run of the Pulumi CLI. */
export interface EventStream {
  /** Arguments and environment that make the CLI send its events, as Pulumi's Automation API does. */
  args: string[];
  env: Record<string, string>;
  close: () => void;
}

/**
 * Receives the engine events of a run. The CLI's text output is for people and changes between versions; events are typed.
 * They come by gRPC on loopback and not by a file: the inputs and outputs of resources do not belong on a disk.
 */
export async function receiveEvents(onEvent: (event: UpEvent) => void): Promise<EventStream> {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
  server.addService(EventsService, {
    streamEvents(stream: grpc.ServerReadableStream<EventRequest, Empty>, done: grpc.sendUnaryData<Empty>) {
      stream.on('data', (request: EventRequest) => {
        const event = parse(request.getEvent());
        if (event !== undefined) onEvent(event);
      });
      stream.on('end', () => done(null, new Empty()));
      stream.on('error', () => undefined); // A killed run; its exit code tells.
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    args: ['--event-log', `tcp://127.0.0.1:${port}`],
    env: { PULUMI_DEBUG_COMMANDS: 'true' },
    close: () => server.forceShutdown(),
  };
}

function parse(text: string): UpEvent | undefined {
  try {
    return JSON.parse(text) as UpEvent;
  } catch {
    return undefined; // The display can do without it; the text log has everything.
  }
}
