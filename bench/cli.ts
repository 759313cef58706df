import { benchLab } from './lab/benchLab';
import { benchValidate } from './validate';

/** The benchmarks by name. Each prints only JSON to stdout. */
const benchmarks: Readonly<Record<string, (args: readonly string[]) => Promise<object>>> = {
  validate: benchValidate,
  lab: benchLab,
};

/** `npm run bench -- <name> [options]`: runs a benchmark and prints JSON; progress goes to stderr. */
async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const bench = benchmarks[name];
  if (bench === undefined) {
    process.stderr.write(
      `bench: unknown benchmark ${JSON.stringify(name)}; use one of ${Object.keys(benchmarks).join(', ')}: npm run bench -- validate\n`,
    );
    return 1;
  }
  try {
    process.stdout.write(`${JSON.stringify(await bench(args), null, 2)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`bench ${name}: ${(error as Error).message}\n`);
    return 1;
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
