import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isSeq, parseDocument, Scalar, type YAMLSeq } from 'yaml';
import { type Problem, show } from '../../cluster/problems';
import { tenantsFolder } from '../../gitops/checks/facts/tenants';
import { teamName } from '../../gitops/checks/tenants';
import { textIfPresent } from '../init/stage';
import { textOf } from '../init/yamlEdit';
import { environments, type PlannedFile, tenantFiles } from './templates';
import { readTenants, tenantsList } from './tenants';

/** What a new tenant needs. */
export interface NewTenant {
  team: string;
  environments: readonly string[];
}

/** What to write for a new tenant, or why it cannot be. */
export interface TenantPlan {
  /** The files of its folder. */
  files: PlannedFile[];
  /** The list of tenants with it. */
  list: PlannedFile;
  namespaces: string[];
}

/** Names that would look like a part of Kubernetes or of this platform. */
const reserved = ['default', 'flux', 'kube', 'platform', 'system'];

/** The folder with what every tenant's namespace has. */
const component = 'kubernetes/components/tenant';

/** Decides what a new tenant consists of, with all problems together. Reads the repository and writes nothing. */
export function planTenant(root: string, wanted: NewTenant): { plan?: TenantPlan; problems: Problem[] } {
  const { team } = wanted;
  const problems = [...nameProblems(root, team), ...environmentProblems(wanted.environments), ...treeProblems(root)];
  const listText = textIfPresent(join(root, tenantsList));
  if (problems.length > 0 || listText === undefined) return { problems };
  const inOrder = environments.filter((environment) => wanted.environments.includes(environment));
  const plan = {
    files: tenantFiles(team, inOrder),
    list: { path: tenantsList, text: withTenant(listText, team) },
    namespaces: inOrder.map((environment) => `${team}-${environment}`),
  };
  return { plan, problems };
}

function nameProblems(root: string, team: string): Problem[] {
  const where = 'tenant new <team>';
  if (!teamName.test(team)) {
    const expected = '2 to 20 lowercase letters and digits, a letter first, without hyphens';
    const fix = 'choose such a name: namespaces are <team>-<environment>, and hostnames end with that';
    return [{ where, found: show(team), expected, fix }];
  }
  if (reserved.includes(team)) {
    const fix = 'choose another name: its namespaces would look like parts of Kubernetes or of the platform';
    return [{ where, found: show(team), expected: `none of ${reserved.join(', ')}`, fix }];
  }
  const existing = readTenants(root).find((tenant) => tenant.team === team);
  if (existing === undefined && !existsSync(join(root, tenantsFolder, team))) return [];
  const place = existing?.listed === true ? tenantsList : `${tenantsFolder}/${team}`;
  const fix = 'choose another name, or change the files of the existing tenant';
  return [{ where, found: `${show(team)}, which is in ${place}`, expected: 'a team that is new', fix }];
}

function environmentProblems(wanted: readonly string[]): Problem[] {
  const where = 'tenant new --environments';
  const known: readonly string[] = environments;
  const expected = `some of ${known.join(', ')}, each once`;
  const unknown = wanted.filter((environment) => !known.includes(environment));
  const twice = wanted.filter(
    (environment, at) => wanted.indexOf(environment) !== at && !unknown.includes(environment),
  );
  return [
    ...(wanted.length === 0 ? [{ where, found: 'none', expected, fix: 'name one, or leave the option out' }] : []),
    ...[...new Set(unknown)].map((environment) => ({ where, found: show(environment), expected, fix: 'correct it' })),
    ...[...new Set(twice)].map((one) => ({ where, found: `${one} twice`, expected, fix: 'name it once' })),
  ];
}

/** What the new files refer to. */
function treeProblems(root: string): Problem[] {
  const fix = 'restore it from upstream, or pass --root <the repository>';
  const needed = [tenantsList, `${component}/kustomization.yaml`];
  const missing = needed.filter((file) => !existsSync(join(root, file)));
  const problems = missing.map((where) => ({ where, found: 'no such file', expected: 'the file', fix }));
  const text = textIfPresent(join(root, tenantsList));
  if (text === undefined) return problems;
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) {
    const found = error.message.split('\n')[0] ?? '';
    problems.push({ where: tenantsList, found, expected: 'YAML', fix: 'correct it' });
  } else if (document.has('resources') && !isSeq(document.get('resources', true))) {
    const found = 'something else under resources';
    problems.push({ where: tenantsList, found, expected: 'a list of folders', fix: 'correct it' });
  }
  return problems;
}

/** The list of tenants with one more, in the order of their names. */
function withTenant(before: string, team: string): string {
  const document = parseDocument(before);
  if (!isSeq(document.get('resources', true))) document.set('resources', document.createNode([]));
  const resources = document.get('resources', true) as YAMLSeq<Scalar<string>>;
  resources.flow = false;
  const after = resources.items.findIndex((item) => String(item.value) > team);
  resources.items.splice(after < 0 ? resources.items.length : after, 0, new Scalar(team));
  return textOf(document, before);
}

/** Writes a plan as a whole: the folder appears complete, and the list names it last. */
export function writeTenant(root: string, team: string, { files, list }: TenantPlan): void {
  const folder = join(root, tenantsFolder, team);
  // Next to the target, so that it is on the same disk. Flux and validate leave out names with a dot.
  const stage = mkdtempSync(join(root, tenantsFolder, '.new-'));
  try {
    for (const { path, text } of files) {
      const file = join(stage, 'team', path.slice(`${tenantsFolder}/${team}/`.length));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    writeFileSync(join(stage, 'list.yaml'), list.text);
    renameSync(join(stage, 'team'), folder);
    try {
      renameSync(join(stage, 'list.yaml'), join(root, list.path));
    } catch (error) {
      rmSync(folder, { recursive: true });
      throw error;
    }
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}
