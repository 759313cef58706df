import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import * as http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from './agent';
import { readAgentConfig } from './config';
import { createEgressProxy, nodeSocketPath } from './egressProxy';
import { Wake } from './wake';

/** Milliseconds between rounds while there is something left to do, at least, and otherwise at most. */
const [interval, longestInterval] = [1_000, 15_000] as const;

function log(line: string): void {
  console.log(`${new Date().toISOString()} ${line}`);
}

/** Runs the agent of a cluster until SIGTERM or SIGINT: `main.ts <config.json>`. */
async function main(configFile: string | undefined): Promise<void> {
  if (configFile === undefined) throw new Error('usage: main.ts <config.json>');
  const config = readAgentConfig(configFile);
  for (const dir of [config.workDir, config.logDir]) mkdirSync(dir, { recursive: true, mode: 0o700 });
  const wake = new Wake();
  const agent = new Agent(config, configFile, log, () => wake.ring());

  const proxy = createEgressProxy((host, port) => agent.route(host, port), log);
  await listening(proxy.listen(nodeSocketPath(config.egressSocket)));
  const health = http.createServer((request, response) => {
    const known = request.url === '/healthz' || request.url === '/status';
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
    response.end(request.url === '/healthz' ? '{"status":"ok"}\n' : known ? agent.statusText : '{}\n');
  });
  await listening(health.listen(config.healthPort, '127.0.0.1'));
  log(`lab agent of cluster ${config.cluster} ready`);

  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  const stopped = once(stop.signal, 'abort');
  while (!stop.signal.aborted) {
    await Promise.race([agent.round(), stopped]);
    await Promise.race([sleep(interval), stopped]);
    if (agent.settled) await Promise.race([wake.wait(longestInterval), stopped]);
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
