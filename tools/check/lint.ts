import { examples, reportOutputErrors } from '../commandLine';
import { runTogether, timeTable } from './commands';
import { lintCommands, type LintPart, lintParts } from './lintCommands';

const description =
  'Checks all files: the rules and types of code, prose, format and workflows. Changes nothing; `npm run format` does.';
const help = examples([
  ['npm run lint', 'all parts'],
  ['npm run lint -- prose', 'one part'],
]);

/** `npm run lint [-- part…]`: all parts concurrently; prints what failed, then the times. Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    process.stdout.write(
      `usage: npm run lint [-- part…]\n\n${description}\n\nparts: ${lintParts.join(', ')}\n${help}\n`,
    );
    return 0;
  }
  const unknown = args.filter((arg) => !(lintParts as readonly string[]).includes(arg));
  if (unknown.length > 0) {
    process.stderr.write(`npm run lint: found ${unknown.join(', ')}, expected parts of ${lintParts.join(', ')}\n`);
    return 2;
  }
  const parts = args.length > 0 ? (args as LintPart[]) : lintParts;
  const from = performance.now();
  const outcomes = await runTogether(lintCommands(parts), (text) => process.stdout.write(`${text}\n`));
  process.stdout.write(`${timeTable(outcomes, (performance.now() - from) / 1000)}\n`);
  return outcomes.every(({ passed }) => passed) ? 0 : 1;
}

reportOutputErrors('lint', 2);
void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
