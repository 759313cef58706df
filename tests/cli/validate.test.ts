import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runValidate } from '../../cli/validate';
import { gitFacts } from '../../cli/validate/gitFacts';
import { loadTree } from '../../cli/validate/loadTree';
import { ValidateError } from '../../cli/validate/options';
import { runRenderer } from '../../cli/validate/runRenderer';
import { ensureSchemas } from '../../cli/validate/schemas';
import { validate } from '../../cli/validate/validate';
import { fakeRenderer } from './fakeRenderer';

let root: string;
const folders: string[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'k8s-gitops-validate-'));
  folders.push(root);
  for (const cluster of ['one', 'two']) {
    mkdirSync(join(root, 'kubernetes/clusters', cluster), { recursive: true });
    writeFileSync(join(root, `Pulumi.${cluster}.yaml`), 'config: {}\n');
  }
  writeFileSync(join(root, 'kubernetes/clusters/one/kustomization.yaml'), 'resources:\n  - x\n');
});

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function renderer(script: string): ReturnType<typeof fakeRenderer> {
  const fake = fakeRenderer(script);
  folders.push(fake.folder);
  return fake;
}

/** Polls until a value is truthy, and returns it. */
async function eventually<T>(read: () => T): Promise<T> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const value = read();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`still not true after 30 s: ${read.toString()}`);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Returns empty clusters; the first has one problem. */
const oneProblem = `answer({ clusters: request.clusters.map(({ name, entry }, index) => ({
  name, entry, objects: [], coverage: { checked: 1, total: 2, kindsWithout: ['v1/' + name] },
  kustomizations: [{ id: 'flux-system/flux-system', name: 'flux-system', namespace: 'flux-system', file: entry,
    path: entry, object: {}, variables: {}, files: [] }],
  problems: index > 0 ? [] : [{ id: 'render-failed', kustomization: 'flux-system/flux-system',
    file: entry + '/kustomization.yaml', line: 2, what: 'names x, which does not exist' }],
})) });`;

describe('loadTree', () => {
  test('requests every cluster of this repository layout', async () => {
    const { binary, request } = renderer(oneProblem);
    writeFileSync(join(root, 'kubernetes/.hidden'), '');
    const tree = await loadTree({ root, renderer: binary, schemas: '/schemas', cache: false });
    expect(JSON.parse(readFileSync(request, 'utf8'))).toEqual({
      root,
      cache: '',
      schemas: '/schemas',
      strict: true,
      sources: ['flux-system'],
      urls: [],
      hidden: [],
      clusters: ['one', 'two'].map((name) => ({
        name,
        entry: `kubernetes/clusters/${name}`,
        namespace: 'flux-system',
        settings: [],
      })),
    });
    expect(tree.stacks).toEqual(['one', 'two']);
    expect(tree.program).toBeDefined();
    expect(tree.files).toEqual(['kubernetes/clusters/one/kustomization.yaml']);
    expect(tree.read('kubernetes/clusters/one/kustomization.yaml')).toBe('resources:\n  - x\n');
    expect(tree.read('kubernetes/none.yaml')).toBeUndefined();
    expect(tree.read('../outside')).toBeUndefined();
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(tree.read('pipe')).toBeUndefined();
  });

  test('asks for the entry points of another, with its settings', async () => {
    const { binary, request } = renderer(oneProblem);
    const settings = join(root, 'cluster.env');
    writeFileSync(settings, '# a comment\nDOMAIN="example.org"\n');
    const entries = ['./kubernetes/clusters/one/', 'kubernetes/clusters/one'];
    const options = { root, entries, settings: [settings], lenient: true, renderer: binary, schemas: '' };
    const tree = await loadTree(options);
    const sent = JSON.parse(readFileSync(request, 'utf8'));
    expect(sent.strict).toBe(false);
    expect(sent.cache).not.toBe('');
    expect(sent.clusters).toEqual([
      {
        name: 'kubernetes/clusters/one',
        entry: 'kubernetes/clusters/one',
        namespace: 'flux-system',
        settings: [{ kind: 'ConfigMap', namespace: '', name: '', data: { DOMAIN: 'example.org' } }],
      },
    ]);
    expect([tree.stacks, tree.program]).toEqual([[], undefined]);
  });

  test.each([
    ['a missing root', { root: '/none' }, /no such folder/],
    ['a repository without clusters', { root: tmpdir() }, /--entry/],
    ['a missing entry', { entries: ['none'] }, /no such folder/],
    ['an entry outside the repository', { entries: ['../x'] }, /outside the repository/],
    ['an entry that is a file', { entries: ['Pulumi.one.yaml'] }, /no such folder/],
    ['a missing settings file', { settings: ['/none.env'] }, /^--settings \/none\.env: file does not exist/],
    ['a folder as settings file', { settings: [tmpdir()] }, /is a folder; put a file in its place$/],
  ])('rejects %s', async (_, options, message) => {
    const loading = loadTree({ root, renderer: '/none', schemas: '', ...options });
    await expect(loading).rejects.toThrow(ValidateError);
    await expect(loading).rejects.toThrow(message);
  });
});

describe('the renderer', () => {
  test('is reported with the reason if it is missing, fails or does not print JSON', async () => {
    await expect(runRenderer('/none', {})).rejects.toThrow('/none: does not start: spawn /none ENOENT');
    const refusing = renderer("process.stderr.write('root is missing\\n'); process.exit(2);");
    await expect(runRenderer(refusing.binary, {})).rejects.toThrow('the renderer failed (2): root is missing');
    const killed = renderer("process.kill(process.pid, 'SIGKILL');");
    await expect(runRenderer(killed.binary, {})).rejects.toThrow('the renderer failed (SIGKILL): no error output');
    const nonsense = renderer("process.stdout.write('hello');");
    await expect(runRenderer(nonsense.binary, {})).rejects.toThrow('is not JSON; it starts with "hello"');
  });

  test('is reported with the reason if it exits before it has read its input', async () => {
    const binary = join(root, 'no-reader');
    writeFileSync(binary, '#!/bin/sh\necho "unknown mode" >&2\nexit 2\n', { mode: 0o755 });
    const large = { text: 'x'.repeat(4 * 1024 * 1024) };
    await expect(runRenderer(binary, large)).rejects.toThrow('the renderer failed (2): unknown mode');
  });

  test('is terminated when validate is signalled', async () => {
    const pidFile = join(root, 'pid');
    const { binary } = renderer(
      `require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => 0, 1000);`,
    );
    const module = join(__dirname, '../../cli/validate/runRenderer.ts');
    const script = `require(${JSON.stringify(module)}).runRenderer(${JSON.stringify(binary)}, {});`;
    const parent = spawn(process.execPath, ['--require', 'tsx/cjs', '--eval', script], {
      cwd: join(__dirname, '../..'),
      stdio: 'ignore',
    });
    const exited = new Promise((resolve) => parent.once('exit', (_code, signal) => resolve(signal)));
    const rendererPid = Number(await eventually(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8')));
    parent.kill('SIGTERM');
    expect(await exited).toBe('SIGTERM');
    await eventually(() => !isRunning(rendererPid));
  }, 60_000);

  test('may log to standard error', async () => {
    const logging = renderer("process.stderr.write('a\\nb\\n'); answer({ a: 1 });");
    const lines: string[] = [];
    await expect(runRenderer(logging.binary, {}, (line) => lines.push(line))).resolves.toEqual({ a: 1 });
    expect(lines).toEqual(['a', 'b']);
  });
});

describe('validate', () => {
  const options = () => ({ root, renderer: renderer(oneProblem).binary, schemas: '', checks: [], cache: false });

  test('sums its counts over the clusters', async () => {
    const { result } = await validate(options());
    expect(result).toMatchObject({
      findings: [
        { id: 'render-failed', file: 'kubernetes/clusters/one/kustomization.yaml', line: 2, clusters: ['one'] },
      ],
      exempted: 0,
      objects: 0,
      kustomizations: 2,
      coverage: { checked: 2, total: 4, kindsWithout: ['v1/one', 'v1/two'] },
      notChecked: [],
      places: {},
    });
  });

  test('reports only what affects the selected clusters', async () => {
    const { result } = await validate({ ...options(), clusters: ['two'] });
    expect(result).toMatchObject({ findings: [], kustomizations: 1, coverage: { checked: 1, total: 2 } });
    await expect(validate({ ...options(), clusters: ['three'] })).rejects.toThrow(
      /no such cluster; use one of: one, two/,
    );
  });

  test('includes the findings of extra checks, and exemptions apply to them', async () => {
    const row = '| chart-unknown-value | HelmRelease a/b | upstream reads it | team | 2030-01-01 |';
    writeFileSync(
      join(root, 'EXCEPTIONS.md'),
      `| id | object | reason | owner | expires |\n|---|---|---|---|---|\n${row}\n`,
    );
    const found = {
      file: 'a.yaml',
      line: 1,
      severity: 'error',
      what: '',
      why: '',
      todo: '',
      clusters: ['one'],
    } as const;
    const findings = ['HelmRelease a/b', 'HelmRelease a/c'].map((object) => ({
      ...found,
      id: 'chart-unknown-value',
      object,
      clusters: ['one'],
    }));
    const notChecked = [
      { rule: 'charts', object: 'HelmRelease a/d', clusters: ['one'], file: 'd.yaml', line: 1, reason: 'x', what: 'y' },
    ];
    const { result } = await validate({ ...options(), today: '2029-12-31' }, () => ({ findings, notChecked }));
    expect(result.findings.map(({ object }) => object)).toEqual([
      'HelmRelease a/c',
      'Kustomization flux-system/flux-system',
    ]);
    expect([result.exempted, result.notChecked]).toEqual([1, notChecked]);
  });
});

test('gitFacts returns what Git ignores and the URLs of the remotes', async () => {
  const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { stdio: 'pipe' });
  await expect(gitFacts(root)).resolves.toEqual({ urls: [], hidden: [] });
  git('init', '-q');
  git('remote', 'add', 'origin', 'https://git.example.org/a.git');
  writeFileSync(join(root, '.gitignore'), 'secret.yaml\nbuild/\n');
  writeFileSync(join(root, 'kubernetes/secret.yaml'), '');
  mkdirSync(join(root, 'build'));
  writeFileSync(join(root, 'build/a.yaml'), '');
  const facts = { urls: ['https://git.example.org/a.git'], hidden: ['build', 'kubernetes/secret.yaml'] };
  await expect(gitFacts(root)).resolves.toEqual(facts);
  await expect(gitFacts(join(root, 'kubernetes'))).resolves.toEqual({ urls: [], hidden: [] });
});

describe('the command', () => {
  const run = async (...args: string[]): Promise<{ code: number; error: string }> => {
    const lines: string[] = [];
    const spy = jest.spyOn(process.stderr, 'write').mockImplementation((text) => (lines.push(String(text)), true));
    try {
      return { code: await runValidate(args, root), error: lines.join('') };
    } finally {
      spy.mockRestore();
    }
  };

  test.each([
    ['an unknown flag', ['--none'], 'unknown option'],
    ['an argument', ['one'], 'too many arguments'],
    ['a missing repository', ['--root', '/none'], 'validate: /none: no such folder'],
    ['a missing entry', ['--entry', 'none'], 'validate: --entry none'],
  ])('exits with 2 and without a stack trace for %s', async (_, args, message) => {
    const { code, error } = await run(...args);
    expect([code, error]).toEqual([2, expect.stringContaining(message)]);
    expect(error).not.toContain('    at ');
  });
});

test('what must not be built and is missing is an error that says how to build it', async () => {
  const { binary } = renderer('');
  const refused = ensureSchemas(binary, undefined, undefined, false);
  await expect(refused).rejects.toThrow(new ValidateError('the schemas are not built; `npm run validate` builds them'));
});
