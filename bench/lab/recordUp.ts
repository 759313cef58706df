import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { parseKubeconfig } from '../../clients/kubernetes/kubeconfig';
import type { LabCluster } from '../../lab/context';
import { adminKubeconfig } from '../../lab/machines/paths';
import { loadClusters } from '../../lab/up/loadClusters';
import { busySeconds } from './coreLoad';
import { CpuAccounts } from './cpuAccounts';
import { withoutSeconds } from './labLines';
import { ProcessSampler } from './processSampler';
import { resourceStarts, updatesInLog } from './pulumiRecords';
import { describeMachine, readResources } from './readRunning';
import type { LoadSample, ObjectEvent, Recording, StampedLine } from './recording';
import { splitLines } from '../../clients/kubernetes/watch';
import { watchCluster } from './watchObjects';

/** Between two samples of CPU. */
const sampleMilliseconds = 500;
/** Between two looks at log files and for kubeconfigs. */
const lookMilliseconds = 100;

/**
 * Runs `lab up` in a checkout without a lab and records what happens, until the command ends. Leaves the lab running.
 * @throws if the command fails, with its last lines
 */
export async function recordUp(root: string, log: (line: string) => void, signal: AbortSignal): Promise<Recording> {
  const labDir = join(root, '.lab');
  // The prefix only decides the addresses, which are not used here.
  const labClusters = loadClusters(root, '127.25');
  const clusters = Object.fromEntries(labClusters.map(({ name, nodes }) => [name, nodes.map((node) => node.name)]));
  const lines: StampedLine[] = [];
  const load: LoadSample[] = [];
  const before = process.cpuUsage();
  const startedAt = Date.now();
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'lab', 'cli.ts'), 'up', '--json'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  child.stderr.setEncoding('utf8');
  child.stderr.on(
    'data',
    splitLines((line) => {
      lines.push({ at: Date.now(), text: withoutSeconds(line) });
      log(line);
    }),
  );
  const interrupt = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', interrupt, { once: true });

  const sampler = new ProcessSampler(labDir, clusters, new CpuAccounts(), child.pid);
  const sample = (): void => {
    const busy = busySeconds(readFileSync('/proc/stat', 'utf8'));
    sampler.sample();
    load.push({ at: Date.now(), busySeconds: busy, lab: sampler.accounts.byCluster() });
  };
  sample();
  const recorders = labClusters.map((cluster) => new ClusterRecorder(labDir, cluster));
  const timers = [
    setInterval(sample, sampleMilliseconds),
    setInterval(() => recorders.forEach((recorder) => recorder.look()), lookMilliseconds),
  ];
  let code: number | null;
  try {
    code = await ended;
    sample();
    for (const recorder of recorders) recorder.look();
  } finally {
    timers.forEach(clearInterval);
    signal.removeEventListener('abort', interrupt);
    await Promise.all(recorders.map((recorder) => recorder.stop()));
  }
  const endedAt = Date.now();
  const { user, system } = process.cpuUsage(before);
  if (code !== 0) {
    const tail = lines.slice(-20).map(({ text }) => text);
    throw new Error(
      `lab up in ${root} ended with ${code ?? 'a signal'}, expected 0; its last lines:\n${tail.join('\n')}`,
    );
  }
  const perCluster = <T>(read: (recorder: ClusterRecorder) => T): Record<string, T> =>
    Object.fromEntries(recorders.map((recorder) => [recorder.cluster.name, read(recorder)]));
  return {
    format: 1,
    source: 'live',
    startedAt,
    endedAt,
    machine: describeMachine(),
    clusters,
    lines: lines.filter(({ text }) => !/^\S+: (\+|@)? {2}/.test(text)),
    updates: perCluster(({ pulumi }) => updatesInLog(pulumi)),
    resources: perCluster(({ cluster, pulumi }) =>
      readResources({ root, dir: labDir }, cluster.name, resourceStarts(pulumi)),
    ),
    objects: perCluster(({ objects }) => objects),
    processes: sampler.accounts.records(),
    load,
    sampler: {
      cpuSeconds: Math.round((user + system) / 1e4) / 100,
      samples: load.length,
      intervalMilliseconds: sampleMilliseconds,
    },
  };
}

/** Follows the Pulumi log of a cluster, and watches its API from the moment there is an admin kubeconfig. */
class ClusterRecorder {
  readonly pulumi: StampedLine[] = [];
  readonly objects: ObjectEvent[] = [];
  private readonly watching = new AbortController();
  private watch: Promise<void> | undefined;
  private offset = 0;
  private readonly onText = splitLines((text) => this.pulumi.push({ at: Date.now(), text }));

  constructor(
    private readonly labDir: string,
    readonly cluster: LabCluster,
  ) {}

  look(): void {
    this.readLog(join(this.labDir, 'logs', `pulumi-${this.cluster.name}.log`));
    const kubeconfig = adminKubeconfig(this.labDir, this.cluster);
    if (this.watch !== undefined || !existsSync(kubeconfig)) return;
    try {
      const connection = parseKubeconfig(readFileSync(kubeconfig, 'utf8'));
      this.watch = watchCluster(connection, (event) => this.objects.push(event), this.watching.signal);
    } catch {
      // Half written: complete at the next look.
    }
  }

  async stop(): Promise<void> {
    this.watching.abort();
    await this.watch;
  }

  private readLog(file: string): void {
    if (!existsSync(file)) return;
    const handle = openSync(file, 'r');
    try {
      const buffer = Buffer.alloc(64 * 1024);
      for (;;) {
        const read = readSync(handle, buffer, 0, buffer.length, this.offset);
        if (read === 0) return;
        this.offset += read;
        this.onText(buffer.toString('latin1', 0, read));
      }
    } finally {
      closeSync(handle);
    }
  }
}
