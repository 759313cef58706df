import { Agent } from '../../lab/agent/agent';
import { readAgentConfig } from '../../lab/agent/config';
import { labStatus, statusLines } from '../../lab/commands/status';
import { createLabContext, type LabCluster, type LabContext } from '../../lab/context';
import { allProcesses } from '../../lab/executor/allProcesses';
import type { LabProcess } from '../../lab/executor/process';
import { writeState } from '../../lab/state';
import { terminalPicture } from '../../tools/display/picture';
import { temporaryDir } from './helpers';
import { expectRecording } from './recording';

const settings = {
  GIT_URL: 'https://git.example/owner/repo.git',
  GIT_BRANCH: 'main',
  ONEPASSWORD_CONNECT_HOST: 'https://op.example',
  ONEPASSWORD_VAULT: 'vault',
  K8S_API_HOST: 'api.home.example',
};
const links = { names: [], selectors: [] };
const cluster = (name: string, net: number): LabCluster => ({
  name,
  nodes: [1, 2, 3].map((at) => ({
    name: `${name}-0${at}`,
    role: 'controlplane',
    address: `10.0.${net}.${at}`,
    endpoint: `127.25.${net}.${at}`,
    links,
  })),
  settings,
});

/** A lab of two clusters with three nodes each. No process of it is started. */
function labIn(root: string): LabContext {
  return createLabContext({
    root,
    prefix: '127.25',
    ports: {},
    tools: new Proxy({}, { get: (_tools, name) => `/bin/${String(name)}` }),
    clusters: [cluster('infra', 1), cluster('apps', 2)],
    secrets: { connectReadToken: '', connectWriteToken: '', cloudflareApiToken: '', pulumiPassphrase: '' },
    ha: false,
    plugins: 'standin',
    moduleDir: (module) => `/modules/${module}@v1.18.3`,
  });
}

/** The state file of the lab as `up` leaves it, and the status pages of its agents. */
function writeStateOf(ctx: LabContext, processes: readonly LabProcess[]): void {
  writeState(ctx.dir, {
    format: 2,
    prefix: ctx.prefix,
    ports: {},
    ha: ctx.ha,
    plugins: ctx.plugins,
    startedAt: '2026-11-29T04:50:00.000Z',
    clusters: ctx.clusters.map(({ name }) => name),
    tools: {},
    parts: processes
      // The charts are a job that has ended.
      .filter(({ ready }) => ready.kind !== 'exit')
      .map(({ name, version, real }, at) => {
        const ids = { pid: 4100 + at, pgid: 4100 + at, startTime: '1', startedAt: '', fingerprint: '' };
        return { name, version, real, ...ids, ports: {}, log: `${ctx.dir}/logs/${name}.log`, stopSeconds: 5 };
      }),
  });
  for (const { name } of ctx.clusters) {
    const file = `${ctx.dir}/config/agent-${name}.json`;
    // It publishes its page before its first round.
    new Agent(readAgentConfig(file), file, jest.fn(), jest.fn());
  }
}

const [whole, broken, none] = [temporaryDir(), temporaryDir(), temporaryDir()];

test('lab status names every process, and says which are stand-ins', () => {
  const ctx = labIn(whole);
  writeStateOf(ctx, allProcesses(ctx));
  const lines = statusLines(labStatus(ctx.root, () => true));
  expect(lines).toContainEqual(expect.stringMatching(/^machine-apps-03 +v\S+ +stand-in +running, pid \d+$/));
  expect(lines).toContainEqual(expect.stringMatching(/^kustomize-controller +v\S+ +real$/));
  expectRecording('lab-status.svg', terminalPicture('npm run lab -- status', lines));
});

test('a process that has ended is reported', () => {
  const ctx = labIn(broken);
  writeStateOf(ctx, allProcesses(ctx));
  const lines = statusLines(labStatus(ctx.root, ({ name }) => name !== 'git'));
  expect(lines.filter((line) => line.endsWith('NOT RUNNING'))).toEqual([expect.stringMatching(/^git /)]);
});

test('without a lab, it says how to start one', () => {
  expect(statusLines(labStatus(none))).toEqual(['the lab is not running; `npm run lab` starts it']);
});
