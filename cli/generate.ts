import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { listClusters, listFileOf } from '../gitops/clusterSettings';
import { type ListedCluster, fleetProblems } from '../gitops/generate/fleet';
import { type StaleFile, generateCommand, generatedFolder, staleFiles } from '../gitops/generate/generatedFiles';
import { readFleet } from '../gitops/generate/readFleet';
import { ManifestError } from '../gitops/manifestError';
import { examples, reportOutputErrors } from '../tools/commandLine';

/** Exit codes: everything is as it must be; `--check` found what is not; the lists of the clusters cannot be used. */
const exitCode = { ok: 0, stale: 1, failed: 2 } as const;

/** `npm run generate`: runs one command line (without node and script) and returns the exit code. */
export function generate(args: readonly string[], root: string): number {
  const program = new Command('generate')
    .description('Writes what follows from the systems that all clusters list, for the cluster that stores.')
    .option('--check', 'write nothing; exit code 1 if something would be written')
    .addHelpText(
      'after',
      examples([
        [generateCommand, 'write the files'],
        [`${generateCommand} -- --check`, 'only look'],
      ]),
    )
    .exitOverride();
  try {
    program.parse([...args], { from: 'user' });
    return run(root, program.opts<{ check?: boolean }>().check === true);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.failed;
    if (!(error instanceof ManifestError)) throw error;
    process.stderr.write(`generate: ${error.message}\n`);
    return exitCode.failed;
  }
}

function run(root: string, isCheck: boolean): number {
  const fleet = readFleet(root);
  const problems = fleetProblems(fleet);
  for (const { cluster, what, todo } of problems) {
    process.stderr.write(`${listFileOf(cluster)}: ${cluster} ${what}; ${todo}\n`);
  }
  if (problems.length > 0) return exitCode.failed;
  const stale = staleOf(root, fleet);
  if (isCheck) {
    for (const { path, line, text } of stale) {
      process.stdout.write(`${path}:${line}: ${text === undefined ? 'left over' : 'not up to date'}\n`);
    }
    if (stale.length > 0) process.stdout.write(`run \`${generateCommand}\`\n`);
    return stale.length > 0 ? exitCode.stale : exitCode.ok;
  }
  write(root, stale);
  for (const { path, text } of stale) {
    process.stdout.write(`${text === undefined ? 'removed' : 'wrote'} ${path}\n`);
  }
  if (stale.length === 0) process.stdout.write('nothing to write\n');
  return exitCode.ok;
}

/** The generated files of a repository that are not as its clusters' lists demand. */
export function staleOf(root: string, fleet: readonly ListedCluster[]): StaleFile[] {
  const existing = listClusters(root).flatMap((cluster) => {
    const folder = generatedFolder(cluster);
    return existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => `${folder}/${name}`) : [];
  });
  const read = (path: string): string | undefined =>
    existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined;
  return staleFiles(fleet, existing.sort(), read);
}

function write(root: string, stale: readonly StaleFile[]): void {
  for (const { path, text } of stale) {
    if (text === undefined) {
      rmSync(join(root, path));
      continue;
    }
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

if (require.main === module) {
  reportOutputErrors('generate', exitCode.failed);
  process.exitCode = generate(process.argv.slice(2), resolve(__dirname, '..'));
}
