import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import execa from 'execa';
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

/** Tests that are evaluated at the same interval. */
export interface TestFile {
  readonly interval: string;
  readonly tests: readonly object[];
}

/** Runs tests of groups with the real vmalert-tool. */
export async function runFiles(groups: readonly Group[], files: readonly TestFile[]): Promise<Outcome> {
  const { 'vmalert-tool': tool } = await ensureTools(
    ['vmalert-tool'],
    inLines(() => undefined),
  );
  const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'rules-'));
  try {
    writeFileSync(join(folder, 'rules.yaml'), stringify({ groups }));
    const paths = files.map(({ interval, tests }) => {
      const path = join(folder, `test-${interval}.yaml`);
      writeFileSync(path, stringify({ rule_files: ['rules.yaml'], evaluation_interval: interval, tests }));
      return path;
    });
    const { exitCode, stdout, stderr } = await execa(tool, ['unittest', ...paths.map((path) => `--files=${path}`)], {
      cwd: folder,
      env: { TMPDIR: folder },
      reject: false,
    });
    const output = `${stdout}${stderr}`;
    const failed = [...new Set([...output.matchAll(/testGroupName: (.+?),?$/gm)].map(([, name = '']) => name))];
    // It did not get as far as the tests.
    if ((exitCode !== 0) !== failed.length > 0) throw new Error(output);
    return { ran: files.reduce((sum, { tests }) => sum + tests.length, 0), failed, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the tests of a topic's alerts, on its groups as they are in our objects, or as the caller has changed them. */
export function runTests(topic: Topic, cases: Readonly<Record<string, Case>>): Promise<Outcome> {
  const files = [...unitTests(topic, cases)].map(([interval, tests]) => ({ interval, tests }));
  return runFiles(withSummaries(topic.groups), files);
}
