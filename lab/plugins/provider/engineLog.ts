import * as grpc from '@grpc/grpc-js';
import { EngineClient } from '@pulumi/pulumi/proto/engine_grpc_pb';
import { LogRequest, LogSeverity } from '@pulumi/pulumi/proto/engine_pb';

/** Sends one message to the engine's display, attached to a resource. */
export type Log = (severity: 'info' | 'warning', urn: string, message: string) => void;

const severities = { info: LogSeverity.INFO, warning: LogSeverity.WARNING } as const;

/** A log into the engine at that address; says nothing when there is no engine. Every message begins with who speaks. */
export function engineLog(address: string, who: string): Log {
  if (address === '') return () => undefined;
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  return (severity, urn, message) => {
    const request = new LogRequest();
    request.setSeverity(severities[severity]);
    request.setUrn(urn);
    request.setMessage(`[${who}] ${message}`);
    // A message that cannot be shown must not fail the operation it speaks about.
    client.log(request, () => undefined);
  };
}
