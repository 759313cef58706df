import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { UserError } from '../clients/userError';
import { formatProblem } from '../cluster/problems';
import { ManifestError } from '../gitops/manifestError';
import { examples, reportOutputErrors, withCheckedValues } from '../tools/commandLine';
import { planTenant, writeTenant } from './tenant/newTenant';
import { environments } from './tenant/templates';
import { clustersWithTenants, readTenants } from './tenant/tenants';

interface NewFlags {
  environments: string;
  dryRun?: boolean;
  json?: boolean;
}

const help = examples([
  ['npm run tenant -- new acme', 'namespaces acme-dev, acme-stg and acme-prod'],
  ['npm run tenant -- new acme --environments prod', 'only one environment'],
  ['npm run tenant -- new acme --dry-run', 'which files it would write'],
  ['npm run -s tenant -- list --json', 'the tenants of the repository, for scripts'],
]);

/** `npm run tenant`: runs one command line (without node and script) and returns the exit code. */
export function tenant(args: readonly string[], root: string): number {
  const program = new Command('tenant')
    .description(
      'Writes the folder of a new tenant: namespaces with quota, limits, policies and rights (docs/tenants.md).',
    )
    .option('--root <dir>', 'the repository', root)
    .addHelpText('after', help)
    .exitOverride()
    .showHelpAfterError('(see npm run tenant -- --help)');
  const repository = (): string => {
    const folder = resolve(program.opts<{ root: string }>().root);
    if (existsSync(join(folder, 'kubernetes'))) return folder;
    throw new UserError(`--root ${folder}: found no folder kubernetes, expected the repository; correct the path`);
  };
  program
    .command('new <team>')
    .description('writes the folder of a new team and lists it')
    .option('--environments <list>', 'the environments, separated by commas', environments.join(','))
    .option('--dry-run', 'only say which files it would write')
    .option('--json', 'print the result as JSON')
    .exitOverride()
    .action((team: string, flags: NewFlags) => addTenant(repository(), team, flags));
  program
    .command('list')
    .description('the tenants of the repository and the clusters that have them')
    .option('--json', 'print the result as JSON')
    .exitOverride()
    .action((flags: { json?: boolean }) => listTenants(repository(), flags.json ?? false));
  try {
    withCheckedValues(program).parse([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    const isExpected = error instanceof UserError || error instanceof ManifestError;
    const { message, stack } = error as Error;
    process.stderr.write(`tenant: ${isExpected ? message : (stack ?? message)}\n`);
    return 1;
  }
}

/** @throws UserError with all problems; nothing is written then */
function addTenant(root: string, team: string, flags: NewFlags): void {
  const wanted = flags.environments.split(',').map((environment) => environment.trim());
  const { plan, problems } = planTenant(root, { team, environments: wanted.filter((one) => one !== '') });
  if (plan === undefined) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    const lines = problems.map((problem) => `  - ${formatProblem(problem)}`);
    throw new UserError(`${count}; nothing was written\n${lines.join('\n')}`);
  }
  if (flags.dryRun !== true) writeTenant(root, team, plan);
  const clusters = clustersWithTenants(root);
  const files = [...plan.files, plan.list].map(({ path }) => path);
  if (flags.json === true) {
    const written = flags.dryRun !== true;
    process.stdout.write(
      `${JSON.stringify({ team, namespaces: plan.namespaces, clusters, written, files }, null, 2)}\n`,
    );
    return;
  }
  const verb = flags.dryRun === true ? 'would write' : 'wrote';
  process.stdout.write(`${files.map((file) => `${verb} ${file}\n`).join('')}\n${nextSteps(team, clusters)}`);
}

function nextSteps(team: string, clusters: readonly string[]): string {
  const where =
    clusters.length === 0
      ? '- No cluster lists the system tenants: add it to kubernetes/clusters/<cluster>/kustomization.yaml.\n'
      : `- After the merge, ${clusters.join(' and ')} ${clusters.length === 1 ? 'has' : 'have'} it.\n`;
  return `- \`npm run validate\`, then commit.
${where}- The team's own manifests are in base/ and envs/ of its folder. Secrets: kubernetes/<cluster>/tenants/${team}.
- docs/tenants.md says what the team may do and how a change gets to prod.
`;
}

function listTenants(root: string, asJson: boolean): void {
  const [tenants, clusters] = [readTenants(root), clustersWithTenants(root)];
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ clusters, tenants }, null, 2)}\n`);
    return;
  }
  const lines = tenants.map(
    ({ team, listed, namespaces }) =>
      `${team}: ${namespaces.join(', ') || 'no namespace'}${listed ? '' : ' (not listed)'}\n`,
  );
  const where = clusters.length === 0 ? 'no cluster lists the system tenants' : `on ${clusters.join(', ')}`;
  process.stdout.write(`${lines.join('')}${tenants.length} ${tenants.length === 1 ? 'tenant' : 'tenants'}, ${where}\n`);
}

if (require.main === module) {
  reportOutputErrors('tenant', 1);
  process.exitCode = tenant(process.argv.slice(2), resolve(__dirname, '..'));
}
