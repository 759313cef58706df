import { credentials } from '@grpc/grpc-js';
import { EngineClient } from '@pulumi/pulumi/proto/engine_grpc_pb';
import { LogRequest, LogSeverity } from '@pulumi/pulumi/proto/engine_pb';
import type { LineSink } from './progress';

/** The address of the engine in the arguments of a plugin: the first one that is not a logging or tracing flag. */
export function engineAddress(args: readonly string[]): string | undefined {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--tracing') i++;
    else if (arg !== '--logtostderr' && !arg.startsWith('-v=')) return arg;
  }
  return undefined;
}

/**
 * Returns a sink per resource that shows its lines in the progress display of the engine. The provider server of the
 * SDK does not connect `pulumi.log` in resource operations, so this calls the log service of the engine itself. Lines
 * that cannot be delivered are dropped: progress must not fail an operation. Without an address, all lines are dropped.
 */
export function engineLog(address: string | undefined): (urn: string) => LineSink {
  if (address === undefined) return () => () => undefined;
  const engine = new EngineClient(address, credentials.createInsecure());
  return (urn) =>
    ({ severity, text, ephemeral }) => {
      const request = new LogRequest();
      request.setSeverity(severity === 'warning' ? LogSeverity.WARNING : LogSeverity.INFO);
      request.setMessage(text);
      request.setUrn(urn);
      request.setEphemeral(ephemeral);
      engine.log(request, () => undefined);
    };
}
