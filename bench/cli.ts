import { examples, reportOutputErrors } from '../tools/commandLine';
import { runAll } from './all';
import { benchmarks } from './registry';
import { figureTable, isMet } from './result';

const log = (line: string): void => void process.stderr.write(`${line}\n`);

const description = 'Runs a benchmark and prints its figures as JSON, and as a table on standard error.';
const help = examples([
  ['npm run bench -- validate', 'how long validate takes'],
  ['npm run bench -- validate --runs 3 --root ../other', 'three runs, on another repository'],
  ['npm run -s bench -- all > figures.json', 'all benchmarks, for later comparison'],
]);

/**
 * `npm run bench -- <name> [options]`, or `all`: runs benchmarks and prints JSON; progress and a table go to stderr.
 * Exits with 1 if a benchmark cannot run, not if a target is missed.
 */
async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const known = ['all', ...Object.keys(benchmarks)].join(', ');
  if ([name, ...args].some((arg) => arg === '--help' || arg === '-h')) {
    process.stdout.write(`usage: npm run bench -- <name> [options]\n\n${description}\n\nnames: ${known}\n${help}\n`);
    return 0;
  }
  if (name === 'all') {
    const results = await runAll(benchmarks, log);
    log(figureTable(results.figures));
    process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
    return Object.values(results.benchmarks).some((result) => 'error' in result) ? 1 : 0;
  }
  const bench = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
  if (bench === undefined) {
    log(`bench: unknown benchmark ${JSON.stringify(name)}; use one of ${known}: npm run bench -- validate`);
    return 1;
  }
  try {
    const { figures, ...details } = await bench(args);
    log(figureTable(figures.map((figure) => ({ benchmark: name, ...figure }))));
    const all = figures.map((figure) => ({ ...figure, met: isMet(figure) }));
    process.stdout.write(`${JSON.stringify({ ...details, figures: all }, null, 2)}\n`);
    return 0;
  } catch (error) {
    log(`bench ${name}: ${(error as Error).message}`);
    return 1;
  }
}

reportOutputErrors('bench', 1);
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
