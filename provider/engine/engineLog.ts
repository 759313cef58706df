import { credentials } from '@grpc/grpc-js';
import { EngineClient } from '@pulumi/pulumi/proto/engine_grpc_pb';
import { LogRequest, LogSeverity } from '@pulumi/pulumi/proto/engine_pb';
import type { LineSink } from './progress';

/** The engine's address among a plugin's arguments: the first that is no logging or tracing flag. */
export function engineAddress(args: readonly string[]): string | undefined {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--tracing') i++;
    else if (arg !== '--logtostderr' && !arg.startsWith('-v=')) return arg;
  }
  return undefined;
}

/**
 * Sinks for single resources that show their lines in the engine's own progress. The provider server of the SDK leaves
 * `pulumi.log` unconnected in resource operations, so we call the engine's log ourselves. Lines that cannot be
 * delivered are dropped: progress must not fail the work.
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
