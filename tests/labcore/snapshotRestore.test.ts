import { execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { runLab } from '../../lab/cli';
import { openStores } from '../../lab/scan/stores';
import { publish, type PublishContext } from '../../lab/services/git/publish';
import { gitRemote } from '../../lab/services/git/remote';
import { currentKey } from '../../lab/snapshot/currentKey';
import { listSnapshots, readRecord, snapshotDir, type SnapshotRecord } from '../../lab/snapshot/record';
import { restoreSnapshot } from '../../lab/snapshot/restore';
import { writeSnapshot } from '../../lab/snapshot/writeSnapshot';
import { writeState, type LabState } from '../../lab/state';
import { isAlive, ownIdentity, startTimeOf } from '../../tools/processIdentity';
import { capturedOutput, temporaryDir } from './helpers';

const source = path.resolve(__dirname, '..', '..');
const settings = { GIT_URL: 'https://git.example/owner/name.git', GIT_BRANCH: 'main' };
const state: LabState = {
  format: 2,
  prefix: '127.30',
  ports: { git: 20001 },
  ha: false,
  plugins: 'standin',
  startedAt: '2026-01-31T10:00:00.000Z',
  clusters: ['apps'],
  parts: [],
  tools: {},
};
const ignore = (): void => undefined;

/** A checkout with a stopped lab, without anything that runs. */
function checkout(): { root: string; labDir: string; write: (name: string, text: string) => void } {
  const root = temporaryDir();
  const write = (name: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true, mode: 0o700 });
    fs.writeFileSync(path.join(root, name), text, { mode: 0o600 });
  };
  execFileSync('git', ['init', '--quiet', root]);
  write('.gitignore', '.lab/\n.lab-snapshots/\ntools\n');
  write('kubernetes/app.yaml', 'a: 1\n');
  write('tests/app.test.ts', '// one\n');
  fs.symlinkSync(path.join(source, 'tools'), path.join(root, 'tools'));
  return { root, labDir: path.join(root, '.lab'), write };
}

const key = currentKey(source);
const { root, labDir, write } = checkout();
const other = checkout();
const inLab = (...segments: string[]): string => path.join(labDir, ...segments);
const read = (...segments: string[]): string => fs.readFileSync(inLab(...segments), 'utf8');
const recordFile = (name: string): string => path.join(snapshotDir(root, name), 'snapshot.json');
const edit = (name: string, change: (record: SnapshotRecord) => void): void => {
  const record = JSON.parse(fs.readFileSync(recordFile(name), 'utf8')) as SnapshotRecord;
  change(record);
  fs.writeFileSync(recordFile(name), JSON.stringify(record));
};
let commit = '';

function save(name: string): void {
  const ctx: PublishContext = { root, dir: labDir, clusters: [{ name: 'apps', nodes: [], settings }] };
  commit = publish(ctx);
  writeSnapshot(labDir, snapshotDir(root, name), {
    key,
    commit,
    repository: path.relative(labDir, gitRemote(ctx).dir),
    clusters: [{ name: 'apps', revision: commit, programs: ['helm-controller'] }],
  });
}

beforeEach(() => {
  write('kubernetes/app.yaml', 'a: 1\n');
  fs.rmSync(labDir, { recursive: true, force: true });
  fs.rmSync(path.join(root, '.lab-snapshots'), { recursive: true, force: true });
  write('.lab/secrets.json', '{"saved": true}');
  write('.lab/clusters/apps/etcd', 'saved');
  write('.lab/logs/etcd.log', 'noise');
  fs.symlinkSync(inLab('clusters', 'apps', 'etcd'), inLab('clusters', 'apps', 'latest'));
  writeState(labDir, state);
  save('base');
});

test('restores the lab as it was saved, any number of times', () => {
  for (const round of [1, 2]) {
    write('.lab/secrets.json', '{"saved": false}');
    write('.lab/clusters/apps/etcd', `broken in round ${round}`);
    write('.lab/clusters/apps/extra', 'new');
    const lines: string[] = [];
    const { takenAt } = restoreSnapshot(root, 'base', (line) => lines.push(line));
    expect(lines).toEqual([`snapshot "base" of ${takenAt} restored in place of the stopped lab`]);
    expect(read('secrets.json')).toBe('{"saved": true}');
    expect(fs.readdirSync(inLab('clusters', 'apps')).sort()).toEqual(['etcd', 'latest']);
    expect(read('clusters', 'apps', 'latest')).toBe('saved');
    expect(fs.readdirSync(labDir).sort()).toEqual(['clusters', 'git', 'secrets.json', 'state.json']);
    expect(fs.statSync(inLab('secrets.json')).mode & 0o777).toBe(0o600);
    expect(fs.statSync(inLab('clusters')).mode & 0o777).toBe(0o700);
    expect(JSON.parse(read('state.json'))).toEqual(state);
  }
});

test('a file that does not matter may change, and change back', () => {
  write('tests/app.test.ts', '// two\n');
  expect(restoreSnapshot(root, 'base', ignore).commit).toBe(commit);
  write('tests/app.test.ts', '// one\n');
});

test('restores in another checkout, whose links point into it', () => {
  fs.cpSync(path.join(root, '.lab-snapshots'), path.join(other.root, '.lab-snapshots'), { recursive: true });
  fs.mkdirSync(other.labDir);
  const lines: string[] = [];
  const { takenAt } = restoreSnapshot(other.root, 'base', (line) => lines.push(line));
  expect(lines).toEqual([`snapshot "base" of ${takenAt} restored`]);
  expect(fs.readlinkSync(path.join(other.labDir, 'clusters', 'apps', 'latest'))).toBe(
    path.join(other.labDir, 'clusters', 'apps', 'etcd'),
  );
});

describe('refuses, and leaves the lab alone:', () => {
  const refused = (message: string): void => {
    write('.lab/clusters/apps/etcd', 'mine');
    expect(() => restoreSnapshot(root, 'base', ignore)).toThrow(new Error(message));
    expect(read('clusters', 'apps', 'etcd')).toBe('mine');
    expect(fs.existsSync(inLab('restoring'))).toBe(false);
  };
  const takenAt = (): string => readRecord(root, 'base').takenAt;

  test('a running lab', () => {
    const started = { ...ownIdentity(), name: 'git', version: '1', real: false, pgid: process.pid };
    writeState(labDir, {
      ...state,
      parts: [{ ...started, ports: {}, log: '', startedAt: '', stopSeconds: 1, fingerprint: '' }],
    });
    refused('the lab is running; stop it with `npm run lab -- down` before `up --from base` replaces it');
  });

  test('a changed manifest', () => {
    write('kubernetes/app.yaml', 'a: 2\n');
    refused(
      `snapshot "base" of ${takenAt()} does not fit this checkout:\n` +
        '  kubernetes/: changed since: kubernetes/app.yaml\n' +
        'take it again: `npm run lab`, then `npm run lab -- snapshot save base`',
    );
  });

  test('another tool', () => {
    edit('base', (record) => (record.key.tools['kube-apiserver'] = '0123456789abcdef'));
    refused(
      `snapshot "base" of ${takenAt()} does not fit this checkout:\n` +
        `  kube-apiserver: taken with key 0123456789abcdef, this checkout has key ${key.tools['kube-apiserver']}\n` +
        'take it again: `npm run lab`, then `npm run lab -- snapshot save base`',
    );
  });

  test('another format', () => {
    edit('base', (record) => (record.key.format = '0.1'));
    refused(
      `snapshot "base" of ${takenAt()} does not fit this checkout:\n` +
        '  format: the snapshot has 0.1, this checkout reads 1.2\n' +
        'take it again: `npm run lab`, then `npm run lab -- snapshot save base`',
    );
  });

  test('a truncated copy', () => {
    const { files, bytes } = readRecord(root, 'base');
    const content = path.join(snapshotDir(root, 'base'), 'lab');
    fs.writeFileSync(path.join(content, 'clusters', 'apps', 'etcd'), 'sav');
    refused(
      `snapshot "base" is damaged: ${content} has ${files} files of ${bytes - 2} bytes, expected ${files} of ${bytes}; ` +
        'delete it with `npm run lab -- snapshot delete base` and take it again',
    );
  });

  test('a truncated record', () => {
    fs.writeFileSync(recordFile('base'), '{');
    refused(
      `snapshot "base" is damaged: ${recordFile('base')} is not valid JSON; ` +
        'delete it with `npm run lab -- snapshot delete base` and take it again',
    );
  });

  test('a name that no snapshot has', () => {
    fs.renameSync(snapshotDir(root, 'base'), snapshotDir(root, 'kept'));
    refused('there is no snapshot "base"; this checkout has: kept');
    fs.rmSync(path.join(root, '.lab-snapshots'), { recursive: true });
    refused('there is no snapshot "base"; this checkout has none');
  });
});

test('a save that was interrupted does not count as a snapshot, and the next one replaces it', () => {
  fs.renameSync(snapshotDir(root, 'base'), `${snapshotDir(root, 'base')}.saving`);
  expect(listSnapshots(root)).toEqual([]);
  save('base');
  expect(fs.readdirSync(path.join(root, '.lab-snapshots'))).toEqual(['base']);
  expect(listSnapshots(root)).toEqual(['base']);
});

test('snapshots are readable by their owner only, and the scan says so if they are not', () => {
  const folder = path.join(root, '.lab-snapshots');
  for (const place of [folder, snapshotDir(root, 'base')]) expect(fs.statSync(place).mode & 0o777).toBe(0o700);
  expect(fs.statSync(recordFile('base')).mode & 0o777).toBe(0o600);
  expect(openStores(labDir)).toEqual([]);
  fs.chmodSync(folder, 0o755);
  expect(openStores(labDir)).toEqual(['.lab-snapshots']);
});

describe('the command line', () => {
  const output = capturedOutput();

  test('lists and deletes snapshots', async () => {
    const { takenAt, bytes } = readRecord(root, 'base');
    expect(await runLab(['snapshot', 'list'], root)).toBe(0);
    expect(output.stdout).toBe(`base  ${takenAt}  apps at ${commit.slice(0, 12)}  ${Math.round(bytes / 1e6)} MB\n`);
    expect(await runLab(['snapshot', 'delete', 'base'], root)).toBe(0);
    output.stdout = '';
    expect(await runLab(['snapshot', 'list'], root)).toBe(0);
    expect(output.stdout).toBe('this checkout has no snapshots\n');
    expect(await runLab(['snapshot', 'delete', 'base'], root)).toBe(1);
    expect(output.stderr).toBe('error: there is no snapshot "base"; this checkout has none\n');
  });

  test('save needs a lab', async () => {
    fs.rmSync(labDir, { recursive: true });
    expect(await runLab(['snapshot', 'save', 'base'], root)).toBe(1);
    expect(output.stderr).toBe('error: there is no lab in this checkout; `npm run lab` starts it\n');
  });

  test('up --from refuses a running lab, which --once then does not stop', async () => {
    const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const identity = { pid, pgid: pid, startTime: startTimeOf(pid) ?? '' };
    const about = { name: 'git', version: '1', real: false, ports: {}, log: '', startedAt: '', stopSeconds: 1 };
    writeState(labDir, { ...state, parts: [{ ...about, ...identity, fingerprint: '' }] });
    expect(await runLab(['up', '--once', '--from', 'base'], root)).toBe(1);
    expect(output.stderr).toBe(
      'error: the lab is running; stop it with `npm run lab -- down` before `up --from base` replaces it\n',
    );
    expect(isAlive(identity)).toBe(true);
    child.kill('SIGKILL');
  });

  test.each(['--ha', '--services', '--plugins=official'])('up --from does not go with %s', async (flag) => {
    expect(await runLab(['up', '--from', 'base', flag], root)).toBe(1);
    expect(output.stderr.split('\n')[0]).toMatch(/^error: option '--from <snapshot>' cannot be used with option '/);
  });
});
