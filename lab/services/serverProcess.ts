import type { LabContext } from '../context';
import type { LabProcess, Readiness } from '../executor/process';

/**
 * The process of a stand-in server: runs `file`, a TypeScript file of the checkout, with the path of its config file.
 */
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

/** Readiness: GET `pathname` on that port of 127.0.0.1 returns 2xx within 30 s. */
export function httpReady(port: number, pathname: string): Readiness {
  return { kind: 'http', url: `http://127.0.0.1:${port}${pathname}`, timeoutSeconds: 30 };
}
