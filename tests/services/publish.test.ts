import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import execa from 'execa';
import { gitText } from '../../lab/services/git/git';
import { gitRemote, gitRoot } from '../../lab/services/git/remote';
import { parseHead, startGitServer } from '../../lab/services/git/server';
import { commitChange, publish, publishedRevision } from '../../lab/services/git/publish';
import { temporaryFolder } from './temporaryFolder';

const folder = temporaryFolder();

/** Creates a checkout with one commit, and a lab context for it. */
function checkout(name: string) {
  const root = path.join(folder, name);
  fs.mkdirSync(root, { recursive: true });
  const run = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: root, encoding: 'utf8' }).trim();
  const write = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  };
  run('init', '--quiet', '--initial-branch', 'work');
  write('.gitignore', '.lab/\n*.log\n');
  write('kubernetes/a.yaml', 'value: 1\n');
  write('gone.txt', 'x');
  write('kept.log', 'tracked despite .gitignore');
  run('add', '.');
  run('add', '--force', 'kept.log');
  run('commit', '--quiet', '-m', 'first');
  const settings = { GIT_URL: 'https://github.com/owner/repo.git', GIT_BRANCH: 'main' };
  const ctx = { root, dir: path.join(root, '.lab'), clusters: [{ name: 'one', nodes: [], settings }] };
  const bare = path.join(ctx.dir, 'git', 'owner', 'repo.git');
  const show = (...args: string[]): string => gitText(args, { cwd: bare, gitDir: bare });
  return { root, ctx, run, write, show, bare };
}

describe('publishing the checkout', () => {
  test('serves the current tracked and untracked files, without ignored and deleted ones', () => {
    const { ctx, write, show, root } = checkout('tree');
    write('kubernetes/a.yaml', 'value: 2\n');
    write('kubernetes/new.yaml', 'new: true\n');
    write('noise.log', 'ignored');
    write('.lab/secrets.json', 'never');
    // Not in this checkout's .gitignore, and full of secrets.
    write('.lab-snapshots/one/lab/secrets.json', 'never');
    write('run.sh', 'true\n');
    fs.chmodSync(path.join(root, 'run.sh'), 0o755);
    fs.symlinkSync('run.sh', path.join(root, 'link'));
    fs.rmSync(path.join(root, 'gone.txt'));

    const revision = publish(ctx);

    expect(show('rev-parse', 'main')).toBe(revision);
    const files = show('ls-tree', '-r', revision)
      .split('\n')
      .map((line) => line.replace(/ blob \w+\t/, ' '));
    expect(files).toEqual([
      '100644 .gitignore',
      '100644 kept.log',
      '100644 kubernetes/a.yaml',
      '100644 kubernetes/new.yaml',
      '120000 link',
      '100755 run.sh',
    ]);
    expect(show('show', `${revision}:kubernetes/a.yaml`)).toBe('value: 2');
  });

  test("serves HEAD's tree if there are no uncommitted changes", () => {
    const { ctx, run, show } = checkout('clean');
    expect(show.bind(undefined, 'rev-parse', `${publish(ctx)}^{tree}`)()).toBe(run('rev-parse', 'HEAD^{tree}'));
  });

  test("does not change the checkout's index and history", () => {
    const { ctx, run, write, root } = checkout('index');
    write('new.txt', 'x');
    const before = [
      run('status', '--porcelain'),
      run('rev-parse', 'HEAD'),
      fs.readFileSync(path.join(root, '.git/index'), 'hex'),
    ];
    publish(ctx);
    const after = [
      run('status', '--porcelain'),
      run('rev-parse', 'HEAD'),
      fs.readFileSync(path.join(root, '.git/index'), 'hex'),
    ];
    expect(after).toEqual(before);
  });

  test('adds a commit only if files have changed', () => {
    const { ctx, write, show } = checkout('commits');
    const first = publish(ctx);
    expect(publish(ctx)).toBe(first);
    write('kubernetes/a.yaml', 'value: 3\n');
    const second = publish(ctx);
    expect(second).not.toBe(first);
    expect(show('rev-parse', `${second}^`)).toBe(first);
    expect(publishedRevision(ctx)).toBe(second);
  });

  test('ignores GIT_* variables, which are set if a Git hook runs it', () => {
    const { ctx, run } = checkout('hook');
    process.env.GIT_DIR = '/nowhere';
    try {
      expect(publish(ctx)).toMatch(/^[0-9a-f]{40}$/);
    } finally {
      delete process.env.GIT_DIR;
    }
    expect(run('status', '--porcelain')).toBe('');
  });

  test('fails if the folder is not a Git work tree', () => {
    const root = path.join(folder, 'plain');
    fs.mkdirSync(root, { recursive: true });
    const ctx = { ...checkout('other').ctx, root, dir: path.join(root, '.lab') };
    expect(() => publish(ctx)).toThrow(/^git ls-files in .*plain failed: fatal: not a git repository/);
  });
});

describe('committing a change to the lab only', () => {
  test('adds a commit with the edited file and does not change the checkout', () => {
    const { ctx, root, show } = checkout('change');
    const first = publish(ctx);
    const second = commitChange(ctx, 'kubernetes/a.yaml', (text) => text.replace('1', '7'));
    expect(show('rev-parse', `${second}^`)).toBe(first);
    expect(show('diff', '--name-only', first, second)).toBe('kubernetes/a.yaml');
    expect(show('show', 'main:kubernetes/a.yaml')).toBe('value: 7');
    expect(fs.readFileSync(path.join(root, 'kubernetes/a.yaml'), 'utf8')).toBe('value: 1\n');
    expect(commitChange(ctx, 'kubernetes/a.yaml', (text) => text)).toBe(second);
  });

  test('fails if the branch or the file does not exist', () => {
    const { ctx } = checkout('missing');
    expect(() => commitChange(ctx, 'x.yaml', (text) => text)).toThrow(
      'the lab\'s Git server has no branch "main" yet; run `npm run lab` first',
    );
    publish(ctx);
    expect(() => commitChange(ctx, 'x.yaml', (text) => text)).toThrow(
      /^x\.yaml is not a file at [0-9a-f]{12} of https:/,
    );
  });
});

describe('the repository that Flux syncs from', () => {
  const cluster = (name: string, url: string) => ({
    name,
    nodes: [],
    settings: { GIT_URL: url, GIT_BRANCH: 'main' } as Record<string, string>,
  });

  test('comes from the cluster settings, with or without .git', () => {
    const remote = gitRemote({ dir: '/lab', clusters: [cluster('a', 'https://git.example/x/y/z')] });
    expect(remote).toEqual({
      url: 'https://git.example/x/y/z',
      host: 'git.example',
      branch: 'main',
      reference: 'refs/heads/main',
      dir: '/lab/git/x/y/z.git',
    });
  });

  test('must be the same for all clusters, and https', () => {
    const [a, b] = [cluster('a', 'https://h/x.git'), cluster('b', 'https://h/y.git')];
    expect(() => gitRemote({ dir: '/lab', clusters: [a, b] })).toThrow(
      'the clusters follow different branches (https://h/x.git main; https://h/y.git main); the lab serves only one: ' +
        'give every cluster the same GIT_URL and GIT_BRANCH',
    );
    expect(() => gitRemote({ dir: '/lab', clusters: [cluster('a', 'ssh://git@h/x.git')] })).toThrow(
      'GIT_URL ssh://git@h/x.git is not an https URL; the lab serves Git over HTTPS only',
    );
    expect(() => gitRemote({ dir: '/lab', clusters: [{ name: 'c', nodes: [], settings: {} }] })).toThrow(
      'cluster-settings.yaml of "c" lacks GIT_URL or GIT_BRANCH; the lab serves that branch',
    );
  });
});

describe('the Git server', () => {
  test('parses the status and headers of a CGI response', () => {
    expect(parseHead('Status: 404 Not Found\r\nContent-Type: text/plain')).toEqual({
      status: 404,
      headers: { 'content-type': 'text/plain' },
    });
  });

  test('serves fetches, accepts pushes on its own port, and requires credentials as a public host does', async () => {
    const { ctx, root, run } = checkout('served');
    const revision = publish(ctx);
    const module = path.join(folder, 'module');
    fs.mkdirSync(path.join(module, 'config'), { recursive: true });
    fs.writeFileSync(path.join(module, 'config', 'crd.yaml'), 'kind: X\n');
    const imports = [{ repository: 'someone/api', tag: 'v1.2.3', folder: module }];
    const server = await startGitServer({ port: 0, root: gitRoot(ctx.dir), imports });
    const address = `http://127.0.0.1:${server.port}`;
    const remote = async (...args: string[]): Promise<string> =>
      (await execa('git', args, { cwd: root, env: { GIT_TERMINAL_PROMPT: '0' } })).stdout;
    try {
      expect(await remote('ls-remote', `${address}/owner/repo`, 'refs/heads/main')).toBe(
        `${revision}\trefs/heads/main`,
      );
      expect(await remote('ls-remote', '--tags', `${address}/someone/api.git`)).toMatch(
        /^[0-9a-f]{40}\trefs\/tags\/v1\.2\.3$/,
      );
      await remote('fetch', '--quiet', `${address}/owner/repo.git`, 'main');
      run('checkout', '--quiet', '--detach', 'FETCH_HEAD');
      run('commit', '--quiet', '--allow-empty', '-m', 'pushed');
      await remote('push', '--quiet', `${address}/owner/repo.git`, 'HEAD:main');
      expect(publishedRevision(ctx)).toBe(run('rev-parse', 'HEAD'));

      const unknown = await fetch(`${address}/owner/none.git/info/refs?service=git-upload-pack`);
      expect([unknown.status, await unknown.text()]).toEqual([401, 'Repository not found.\n']);
      const push = await fetch(`${address}/owner/repo.git/info/refs?service=git-receive-pack`, {
        headers: { 'x-forwarded-host': 'github.com' },
      });
      expect([push.status, await push.text()]).toEqual([401, 'Authentication is required to push.\n']);
      expect((await fetch(`${address}/../../etc/passwd`)).status).toBe(401);
    } finally {
      await server.close();
    }
  });
});
