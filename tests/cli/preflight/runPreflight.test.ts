import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { preflight } from '../../../cli/preflight';
import { runPreflight } from '../../../cli/preflight/runPreflight';
import { listClusters } from '../../../gitops/clusterSettings';
import { FakeTool } from '../../clients/support/fakeTool';

const root = resolve(__dirname, '../../..');
const [stack = ''] = listClusters(root);
const progress = { started: () => undefined, finished: () => undefined, note: () => undefined, close: () => undefined };

let pulumi: FakeTool | undefined;
let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'preflight-'));
  writeFileSync(join(project, 'Pulumi.yaml'), 'name: k8s-gitops\nruntime: nodejs\n');
});
afterEach(() => {
  pulumi?.remove();
  rmSync(project, { recursive: true });
});
const run = () => runPreflight({ stack, root, project, progress, signal: new AbortController().signal });
const result = { id: 'configuration', what: `configuration of stack ${stack}`, state: 'failed' };

describe('a stack that cannot be read is one failed result, without any other check', () => {
  test('because it does not exist', async () => {
    pulumi = new FakeTool(
      'pulumi',
      `echo "$*" >> $DIR/calls; pwd >> $DIR/calls; echo "error: no stack named '${stack}' found" >&2; exit 6`,
    );
    expect(await run()).toEqual({
      stack,
      ok: false,
      results: [
        {
          ...result,
          why: `pulumi config --json: no stack named '${stack}' found`,
          fix: `run: pulumi stack init ${stack}`,
        },
      ],
    });
    expect(pulumi.read('calls')).toBe(`config --json --show-secrets --stack ${stack} --non-interactive\n${project}\n`);
  });

  test('because the folder has no project', async () => {
    rmSync(join(project, 'Pulumi.yaml'));
    expect((await run()).results).toEqual([
      { ...result, why: `${project}: has no Pulumi.yaml`, fix: 'pass the folder of the Pulumi project with --cwd' },
    ]);
  });

  test('because its file is not YAML: names the line, and does not ask the CLI, which would not', async () => {
    writeFileSync(join(project, `Pulumi.${stack}.yaml`), 'config:\n\tk8s-gitops:applyMode: auto\n');
    pulumi = new FakeTool('pulumi', 'echo called >> $DIR/calls; exit 6');
    expect((await run()).results).toEqual([
      { ...result, why: `Pulumi.${stack}.yaml:2: Tabs are not allowed as indentation`, fix: 'fix the YAML' },
    ]);
    expect(pulumi.read('calls')).toBe('');
  });

  test('because of its definition: lists all problems, and no secret', async () => {
    const config = JSON.stringify({
      'k8s-gitops:applyMode': { value: 'sometimes', secret: false },
      'k8s-gitops:connectToken': { value: 'do-not-show', secret: true },
    });
    pulumi = new FakeTool('pulumi', `[[ $1 == config ]] && echo '${config}' || echo '{}'`);
    const { ok, results } = await run();
    expect(ok).toBe(false);
    expect(results).toMatchObject([{ ...result, fix: 'correct it' }]);
    expect(results[0]?.why.split('\n')).toEqual(
      expect.arrayContaining([
        `  - Pulumi.${stack}.yaml applyMode: found "sometimes", expected one of auto, no_reboot, staged; correct it`,
        `  - Pulumi.${stack}.yaml connectWriteToken: found nothing, expected a secret; run: pulumi config set --secret connectWriteToken, or set OP_CONNECT_TOKEN`,
      ]),
    );
    expect(JSON.stringify(results)).not.toContain('do-not-show');
  });
});

describe('the command', () => {
  const written: string[] = [];
  beforeEach(() => {
    written.length = 0;
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
  });
  afterEach(() => jest.restoreAllMocks());

  test('exits with 1 if a check fails, with a table or JSON', async () => {
    pulumi = new FakeTool('pulumi', 'exit 1');
    expect(await preflight(['--stack', stack, '--cwd', project, '--json'], root)).toBe(1);
    expect(JSON.parse(written.join(''))).toMatchObject({ stack, ok: false, results: [result] });
    written.length = 0;
    expect(await preflight(['--stack', stack, '--cwd', project], root)).toBe(1);
    expect(written.join('').split('\n').slice(-2)).toEqual([`preflight of ${stack}: 0 ok, 1 failed, 0 skipped`, '']);
  });

  test('requires a stack', async () => {
    expect(await preflight([], root)).toBe(1);
    expect(written).toEqual([]);
  });
});
