import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ensureTools, inLines } from '../../tools/toolchain';
import { type Case, unitTests } from './cases';
import type { Group, Topic } from './ruleObjects';

/** What vmalert-tool says about the tests of a topic. */
export interface Outcome {
  /** How many tests ran. */
  readonly ran: number;
  /** Names of the tests that failed. */
  readonly failed: readonly string[];
  readonly output: string;
}

/** vmalert-tool stores the series of each test, and syncs every file: in memory, that takes no time. */
const memory = '/dev/shm';

/** The summary is compared as a person reads it; the rest of the annotations is the same for every alert of a rule. */
const withSummaries = (groups: readonly Group[]): Group[] =>
  groups.map(({ name, rules }) => ({
    name,
    rules: rules.map(({ annotations, ...rule }) => ({
      ...rule,
      ...(annotations?.['summary'] !== undefined && { annotations: { summary: annotations['summary'] } }),
    })),
  }));

/** Runs the tests of a topic with the real vmalert-tool, on groups as they are in our objects, or changed by the caller. */
export async function runTests(topic: Topic, cases: Readonly<Record<string, Case>>): Promise<Outcome> {
  const { 'vmalert-tool': tool } = await ensureTools(
    ['vmalert-tool'],
    inLines(() => undefined),
  );
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'rules-'));
  try {
    writeFileSync(join(folder, 'rules.yaml'), stringify({ groups: withSummaries(topic.groups) }));
    const files = [...unitTests(topic, cases)].map(([step, tests]) => {
      const file = join(folder, `test-${step}.yaml`);
      writeFileSync(file, stringify({ rule_files: ['rules.yaml'], evaluation_interval: step, tests }));
      return { file, ran: tests.length };
    });
    const options = ['unittest', ...files.map(({ file }) => `--files=${file}`)];
    const { status, stdout, stderr, error } = spawnSync(tool, options, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: folder },
    });
    if (error !== undefined) throw error;
    const output = `${stdout}${stderr}`;
    const failed = [...new Set([...output.matchAll(/testGroupName: (.+?),?$/gm)].map(([, name = '']) => name))];
    if ((status !== 0) !== failed.length > 0) throw new Error(output);
    return { ran: files.reduce((sum, { ran }) => sum + ran, 0), failed, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
