import * as grpc from '@grpc/grpc-js';
import { EngineClient } from '@pulumi/pulumi/proto/engine_grpc_pb';
import { LogRequest, LogSeverity } from '@pulumi/pulumi/proto/engine_pb';

/** Shows a message for a resource in the engine's output. */
export type Log = (severity: 'info' | 'warning', urn: string, message: string) => void;

const severities = { info: LogSeverity.INFO, warning: LogSeverity.WARNING } as const;

/**
 * A log that sends messages to the engine at that address, prefixed with `name`. Without an address it does nothing.
 */
export function engineLog(address: string, name: string): Log {
  if (address === '') return () => undefined;
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  return (severity, urn, message) => {
    const request = new LogRequest();
    request.setSeverity(severities[severity]);
    request.setUrn(urn);
    request.setMessage(`[${name}] ${message}`);
    // Failing to log must not fail the operation.
    client.log(request, () => undefined);
  };
}
