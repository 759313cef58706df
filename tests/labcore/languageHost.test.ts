import * as fs from 'node:fs';
import * as path from 'node:path';
import { findRequiredPackages } from '../../lab/plugins/nodejs/requiredPackages';
import { runnerArguments, runProgram, type ProgramRun } from '../../lab/plugins/nodejs/runProgram';
import { temporaryDir } from './helpers';

const dir = temporaryDir();
const write = (file: string, content: unknown): void => {
  const target = path.join(dir, file);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, typeof content === 'string' ? content : JSON.stringify(content));
};

test('requires the plugins of all installed Pulumi packages: scoped, nested, linked, with their servers; no others', () => {
  write('node_modules/@pulumi/kubernetes/package.json', {
    name: '@pulumi/kubernetes',
    version: '4.34.2',
    pulumi: { resource: true, name: 'kubernetes', version: '4.34.2' },
  });
  write('node_modules/lodash/package.json', { name: 'lodash', version: '4.0.0' });
  write('node_modules/outer/package.json', { name: 'outer', version: '1.0.0' });
  write('node_modules/outer/node_modules/@pulumi/random/package.json', {
    name: '@pulumi/random',
    version: '4.1.0',
    pulumi: { resource: true },
  });
  write('node_modules/@pulumi/policy/package.json', {
    name: '@pulumi/policy',
    version: '1.0.0',
    pulumi: { resource: false },
  });
  write('sdks/talos/package.json', {
    name: '@pulumiverse/talos',
    version: '0.8.1',
    pulumi: { resource: true, name: 'talos', version: '0.8.1', server: 'github://api.github.com/pulumiverse' },
  });
  fs.mkdirSync(path.join(dir, 'node_modules/@pulumiverse'));
  fs.symlinkSync('../../sdks/talos', path.join(dir, 'node_modules/@pulumiverse/talos'));

  expect(findRequiredPackages(dir)).toEqual([
    { name: 'kubernetes', version: 'v4.34.2', server: '' },
    { name: 'random', version: 'v4.1.0', server: '' },
    { name: 'talos', version: 'v0.8.1', server: 'github://api.github.com/pulumiverse' },
  ]);
});

const run = (programDir: string): ProgramRun => ({
  programDir,
  rootDir: programDir,
  entryPoint: '.',
  project: 'k8s-gitops',
  stack: 'infra',
  organization: 'organization',
  parallel: 16,
  dryRun: true,
  monitor: '127.0.0.1:1',
  engine: '127.0.0.1:2',
  config: { 'k8s-gitops:a': '1' },
  configSecretKeys: ['k8s-gitops:a'],
  nodeArgs: [],
  typeScript: false,
});

test('passes the same arguments to the SDK’s runner as the official host', () => {
  expect(runnerArguments(run('/p'))).toEqual([
    '--monitor=127.0.0.1:1',
    '--engine=127.0.0.1:2',
    '--project=k8s-gitops',
    '--root-directory=/p',
    '--stack=infra',
    '--organization=organization',
    '--pwd=/p',
    '--parallel=16',
    '--dry-run',
    '.',
  ]);
});

describe('runs the program’s own runner', () => {
  const runner = (code: string): string => {
    const program = fs.mkdtempSync(path.join(dir, 'program-'));
    const folder = path.join(program, 'node_modules/@pulumi/pulumi/cmd/run');
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'index.js'), code);
    return program;
  };

  test('with its configuration, and forwards its output', async () => {
    const lines: string[] = [];
    const program = runner(
      'console.log(process.env.PULUMI_CONFIG, process.env.PULUMI_CONFIG_SECRET_KEYS); console.error(process.env.PULUMI_NODEJS_TRANSPILE_ONLY)',
    );
    const outcome = await runProgram(run(program), (line, stream) => lines.push(`${stream}: ${line}`));
    expect(outcome).toEqual({ error: '', bail: false });
    expect(lines.sort()).toEqual(['stderr: true', 'stdout: {"k8s-gitops:a":"1"} ["k8s-gitops:a"]']);
  });

  test('with the TypeScript setting of Pulumi.yaml', async () => {
    const lines: string[] = [];
    const program = runner('console.log(process.env.PULUMI_NODEJS_TYPESCRIPT)');
    await runProgram(run(program), (line) => lines.push(line));
    await runProgram({ ...run(program), typeScript: true }, (line) => lines.push(line));
    expect(lines).toEqual(['false', 'true']);
  });

  test.each([
    [32, { error: '', bail: true }],
    [3, { error: 'Program exited with non-zero exit code: 3', bail: false }],
  ])('exit code %d', async (code, expected) => {
    expect(await runProgram(run(runner(`process.exit(${code})`)), () => undefined)).toEqual(expected);
  });
});
