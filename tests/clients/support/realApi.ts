import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import execa from 'execa';
import { KubernetesClient } from '../../../clients/kubernetes/client';
import { parseKubeconfig } from '../../../clients/kubernetes/kubeconfig';
import { ensureTools, isPresent } from '../../../tools/toolchain';
import { kubeconfigFor } from './fakeApi';
import { TestAuthority } from './pki';

/** Whether the API server and etcd are on this machine: `npm run tools` gets them. */
export const hasRealApi = isPresent('kube-apiserver') && isPresent('etcd');

/** A real kube-apiserver with its etcd on 127.0.0.1, without controllers. Everybody may do everything. */
export class RealApi {
  private constructor(
    readonly client: KubernetesClient,
    private readonly processes: readonly execa.ExecaChildProcess[],
    private readonly folder: string,
  ) {}

  static async start(): Promise<RealApi> {
    const tools = await ensureTools(['kube-apiserver', 'etcd'], () => undefined);
    const folder = mkdtempSync(join(tmpdir(), 'real-api-'));
    const authority = await TestAuthority.create();
    const [serving, admin] = [await authority.issue(['127.0.0.1']), await authority.issue([])];
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const [etcdPort, peerPort, port] = await freePorts();
    const etcdUrl = `http://127.0.0.1:${etcdPort}`;
    const peerUrl = `http://127.0.0.1:${peerPort}`;
    mkdirSync(join(folder, 'etcd'), { mode: 0o700 });
    const etcd = execa(
      tools.etcd,
      [
        ...['--name=test', `--data-dir=${join(folder, 'etcd')}`, '--unsafe-no-fsync', '--log-level=error'],
        ...[`--listen-client-urls=${etcdUrl}`, `--advertise-client-urls=${etcdUrl}`],
        ...[`--listen-peer-urls=${peerUrl}`, `--initial-advertise-peer-urls=${peerUrl}`],
        `--initial-cluster=test=${peerUrl}`,
      ],
      { reject: false },
    );
    const issuerKey = file(
      'issuer.key',
      execFileSync('openssl', ['genrsa', '2048'], { encoding: 'utf8', stdio: 'pipe' }),
    );
    const server = execa(
      tools['kube-apiserver'],
      [
        ...[`--etcd-servers=${etcdUrl}`, `--secure-port=${port}`, '--bind-address=127.0.0.1', `--cert-dir=${folder}`],
        ...[
          `--tls-cert-file=${file('tls.crt', serving.cert)}`,
          `--tls-private-key-file=${file('tls.key', serving.key)}`,
        ],
        ...[`--client-ca-file=${file('ca.crt', authority.cert)}`, '--authorization-mode=AlwaysAllow'],
        ...['--service-account-issuer=https://127.0.0.1', '--service-cluster-ip-range=10.96.0.0/16'],
        ...[`--service-account-key-file=${issuerKey}`, `--service-account-signing-key-file=${issuerKey}`],
        ...['--disable-admission-plugins=ServiceAccount', '--endpoint-reconciler-type=none'],
      ],
      { reject: false },
    );
    const kubeconfig = kubeconfigFor(`https://127.0.0.1:${port}`, authority.cert, admin);
    const client = new KubernetesClient(parseKubeconfig(kubeconfig));
    const api = new RealApi(client, [server, etcd], folder);
    for (;;) {
      const ready = await client.readiness().catch(() => ({ ready: false }));
      if (ready.ready) return api;
      if (server.exitCode !== null || etcd.exitCode !== null) {
        const output = server.exitCode === null ? await etcd : await server;
        await api.stop();
        throw new Error(`the API server does not start: ${output.stderr.slice(-2000)}`);
      }
      await sleep(200);
    }
  }

  async stop(): Promise<void> {
    this.client.close();
    for (const process of this.processes) {
      process.kill('SIGTERM', { forceKillAfterTimeout: 5000 });
      await process;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Ports that were free a moment ago: etcd and the API server cannot choose them and say which. */
async function freePorts(): Promise<[number, number, number]> {
  const servers = [createServer(), createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as { port: number }).port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  const [first = 0, second = 0, third = 0] = ports;
  return [first, second, third];
}
