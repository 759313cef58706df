import { mkdirSync } from 'node:fs';
import * as http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from './agent';
import { readAgentConfig } from './config';
import { createEgressProxy, nodeSocketPath } from './egressProxy';

/** Milliseconds between rounds. */
const interval = 1_000;

function log(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
}

/** Runs the agent of a cluster until SIGTERM or SIGINT: `main.ts <config.json>`. */
async function main(configFile: string | undefined): Promise<void> {
  if (configFile === undefined) throw new Error('usage: main.ts <config.json>');
  const config = readAgentConfig(configFile);
  for (const dir of [config.workDir, config.logDir]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const agent = new Agent(config, configFile, log);

  const proxy = createEgressProxy((host, port) => agent.route(host, port), log);
  await listening(proxy.listen(nodeSocketPath(config.egressSocket)));
  const health = http.createServer((request, response) => {
    const known = request.url === '/healthz' || request.url === '/status';
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
    response.end(request.url === '/healthz' ? '{"status":"ok"}\n' : known ? agent.statusText : '{}\n');
  });
  await listening(health.listen(config.healthPort, '127.0.0.1'));
  log(`lab agent of cluster ${config.cluster} ready`);

  let stopping = false;
  let wake = (): void => undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stopping = true;
      wake();
    });
  }
  while (!stopping) {
    await Promise.race([agent.round(), new Promise<void>((resolve) => (wake = resolve))]);
    await Promise.race([sleep(stopping ? 0 : interval), new Promise<void>((resolve) => (wake = resolve))]);
  }
  await agent.stop();
  log('stopped');
  process.exit(0);
}

function listening(server: http.Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(`lab agent: ${(error as Error).message}`);
  process.exit(1);
});
