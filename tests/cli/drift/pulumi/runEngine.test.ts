import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type EngineCommand, runEngine, StackLocked } from '../../../../cli/drift/pulumi/runEngine';
import { FakeTool } from '../../../clients/support/fakeTool';

const tsx = pathToFileURL(require.resolve('tsx')).href;
const script = join(__dirname, 'fakePulumi.ts');

let pulumi: FakeTool;
let project: string;
beforeEach(() => {
  pulumi = new FakeTool('pulumi', `exec '${process.execPath}' --import '${tsx}' '${script}' "$DIR" "$@"`);
  project = mkdtempSync(join(tmpdir(), 'project-'));
  writeFileSync(join(project, 'Pulumi.yaml'), 'name: k8s-gitops\nruntime: nodejs\n');
});
afterEach(() => {
  pulumi.remove();
  rmSync(project, { recursive: true });
});

const summary = { summaryEvent: { maybeCorrupt: false, durationSeconds: 1, resourceChanges: {}, policyPacks: {} } };
const type = 'cloudflare:index/dnsRecord:DnsRecord';
const urn = `urn:pulumi:east::k8s-gitops::${type}::x`;
const metadata = (op: string) => ({
  op,
  urn,
  type,
  old: { custom: true, inputs: { ttl: 1 } },
  new: { custom: true, inputs: { ttl: 2 } },
});
const events = (command: string, ...list: object[]) =>
  writeFileSync(join(pulumi.directory, `${command}.events`), JSON.stringify(list));
const fails = (command: string, stderr: string) => writeFileSync(join(pulumi.directory, `${command}.stderr`), stderr);
const run = (command: EngineCommand) =>
  runEngine(command, { stack: 'east', project, signal: new AbortController().signal });

test('a refresh: its steps, without saving and without selecting the stack', async () => {
  events(
    'refresh',
    { resourcePreEvent: { metadata: metadata('refresh') } },
    { resOutputsEvent: { metadata: metadata('update') } },
    summary,
  );
  const { steps, seen } = await run('refresh');
  expect(steps).toEqual([{ urn, type, op: 'update', before: { ttl: 1 }, after: { ttl: 2 }, paths: [], lines: [] }]);
  expect(seen).toBe(1);
  const calls = pulumi.read('calls').trim().split('\n');
  expect(calls.filter((call) => call !== 'version')).toEqual([
    expect.stringMatching(/^refresh --preview-only .*--stack east/),
  ]);
});

test('a preview, with and without a refresh', async () => {
  events('preview', summary);
  expect(await run('preview --refresh')).toEqual({ steps: [], errors: [], seen: 0 });
  expect(await run('preview')).toEqual({ steps: [], errors: [], seen: 0 });
  const calls = pulumi
    .read('calls')
    .trim()
    .split('\n')
    .filter((call) => call.startsWith('preview'));
  expect(calls.map((call) => / --refresh /.test(`${call} `))).toEqual([true, false]);
  expect(calls.every((call) => call.includes('--stack east'))).toBe(true);
});

test('errors of resources, the lock of an update, and an engine that does not run', async () => {
  fails('preview', 'error: preview failed\n');
  events('preview', { diagnosticEvent: { urn, severity: 'error', message: 'cannot be read' } });
  expect((await run('preview')).errors).toEqual([{ urn, message: 'cannot be read' }]);
  events('preview');
  fails('preview', 'error: the stack is currently locked by 1 lock(s)\n');
  await expect(run('preview')).rejects.toThrow(StackLocked);
  fails('preview', 'error: incorrect passphrase\n');
  await expect(run('preview')).rejects.toThrow(/^incorrect passphrase$/);
});
