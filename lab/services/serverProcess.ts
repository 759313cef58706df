import type { LabContext } from '../context';
import type { LabProcess, Readiness } from '../executor/process';

/** A server of the outside world as a part: a TypeScript file of the checkout that is given its configuration's path. */
export function serverProcess(
  ctx: LabContext,
  name: string,
  version: string,
  file: string,
  config: { port: number },
  ready: Readiness,
): LabProcess {
  return {
    name,
    version,
    real: false,
    needs: [],
    command: ctx.node(file, ctx.writeConfig(name, config)),
    ready,
    ports: { [ready.kind === 'http' ? 'http' : 'tcp']: config.port },
  };
}

/** Ready once a path of the server on that port of 127.0.0.1 answers. */
export function httpReady(port: number, pathname: string): Readiness {
  return { kind: 'http', url: `http://127.0.0.1:${port}${pathname}`, timeoutSeconds: 30 };
}
