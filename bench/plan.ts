import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchResult, machineInfo } from './result';
import { median, timed } from './timed';

const ownRoot = resolve(__dirname, '..');

/** Times `npm run plan` of all stacks, and of the difference from a commit, as whole processes without npm. */
export async function benchPlan(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: 'string' }, ref: { type: 'string' } } });
  const [runs, ref] = [Number(values.runs ?? 5), values.ref ?? 'HEAD'];
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs must be an integer of at least 1');
  const run = async (...flags: string[]): Promise<number> => {
    const { code, seconds, stderr } = await timed(process.execPath, [...planCommand(), ...flags], ownRoot);
    if (code !== 0) throw new Error(`plan exited with ${code}:\n${stderr}`);
    return seconds;
  };
  const times = { all: [] as number[], diff: [] as number[] };
  // The first run compiles.
  await run();
  for (let count = 1; count <= runs; count += 1) {
    times.all.push(await run());
    times.diff.push(await run('--diff', ref));
    process.stderr.write(`bench: run ${count} of ${runs}: ${times.all.at(-1)} s, --diff ${times.diff.at(-1)} s\n`);
  }
  return {
    figures: [
      { name: 'all stacks', value: median(times.all), unit: 's', target: 5 },
      { name: `--diff ${ref}`, value: median(times.diff), unit: 's' },
    ],
    machine: machineInfo(),
    runs,
    times,
  };
}

/** The arguments to node of `npm run plan`. */
function planCommand(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ownRoot, 'package.json'), 'utf8')) as { scripts: { plan: string } };
  return scripts.plan.split(' ').slice(1);
}
