import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { recordUp } from '../../../bench/lab/recordUp';
import { copyTree } from '../../../bench/treeCopy';

const source = resolve(__dirname, '..', '..', '..');
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'k8s-gitops-bench-test-'));
  copyTree(source, root, ['kubernetes/clusters', 'Pulumi*.yaml', 'package.json', 'tsconfig.json']);
  symlinkSync(join(source, 'node_modules'), join(root, 'node_modules'));
  rmSync(join(root, 'Pulumi.apps.yaml'));
  mkdirSync(join(root, 'lab'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const state = {
  checkpoint: {
    latest: {
      resources: [
        {
          urn: 'urn:pulumi:infra::k8s-gitops::platform:index:Handover::infra',
          type: 'platform:index:Handover',
          custom: true,
          created: '2026-01-01T00:00:00Z',
        },
      ],
    },
  },
};

/** In place of `lab up`: writes its lines, its Pulumi log and its state, and exits. */
const command = `
import { mkdirSync, writeFileSync } from 'node:fs';
if (process.argv.slice(2).join(' ') !== 'up --json') process.exit(3);
mkdirSync('.lab/logs', { recursive: true });
mkdirSync('.lab/pulumi/state/.pulumi/stacks/k8s-gitops', { recursive: true });
writeFileSync('.lab/pulumi/state/.pulumi/stacks/k8s-gitops/infra.json', ${JSON.stringify(JSON.stringify(state))});
writeFileSync('.lab/logs/pulumi-infra.log', 'Updating (infra):\\n +  a:b:C d creating (0s)\\nDuration: 1s\\n');
process.stderr.write('   0s  Git: published it\\n   1s  infra: +  a:b:C d creating (0s)\\n');
process.stdout.write('{}');
`;

test('records what lab up prints, logs and stores', async () => {
  writeFileSync(join(root, 'lab', 'cli.ts'), command);
  const shown: string[] = [];
  const recording = await recordUp(root, (line) => shown.push(line), new AbortController().signal);
  expect(shown).toEqual(['   0s  Git: published it', '   1s  infra: +  a:b:C d creating (0s)']);
  // Pulumi's lines come from its log.
  expect(recording.lines.map(({ text }) => text)).toEqual(['Git: published it']);
  expect(recording).toMatchObject({ format: 1, source: 'live', objects: { infra: [] } });
  expect(Object.keys(recording.clusters)).toEqual(['infra']);
  expect(recording.updates['infra']).toHaveLength(1);
  expect(recording.resources['infra']).toEqual([
    { id: 'platform:index:Handover infra', created: Date.parse('2026-01-01T00:00:00Z'), dependsOn: [] },
  ]);
  expect(recording.processes.map(({ name }) => name)).toContain('lab up');
  expect(recording.load.length).toBeGreaterThanOrEqual(2);
  expect(recording.sampler.samples).toBe(recording.load.length);
});

test('a lab that does not come up is an error with its last lines', async () => {
  writeFileSync(join(root, 'lab', 'cli.ts'), "process.stderr.write('   2s  no route\\n'); process.exit(1);");
  await expect(recordUp(root, () => undefined, new AbortController().signal)).rejects.toThrow(
    /ended with 1, expected 0; its last lines:\nno route/,
  );
});
