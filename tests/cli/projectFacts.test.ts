import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFacts } from '../../cli/validate/projectFacts';

const fixtures = join(__dirname, '..', 'fixtures', 'stacks');
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'k8s-gitops-definitions-'));
  cpSync(fixtures, root, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

const problems = () => projectFacts(root).definitions;

test('the fixture stacks have no problems', () => {
  expect(problems()).toEqual([]);
});

test('a repository without a Pulumi project or without stacks is not checked', () => {
  rmSync(join(root, 'Pulumi.yaml'));
  expect(problems()).toBeUndefined();
  cpSync(join(fixtures, 'Pulumi.yaml'), join(root, 'Pulumi.yaml'));
  for (const stack of ['east', 'west']) rmSync(join(root, `Pulumi.${stack}.yaml`));
  expect(problems()).toBeUndefined();
});

test('a cluster without a stack file is left to another rule, and still checked against', () => {
  rmSync(join(root, 'Pulumi.west.yaml'));
  expect(problems()).toEqual([]);
});

test('a broken project file concerns every stack', () => {
  writeFileSync(join(root, 'Pulumi.yaml'), 'name: [\n');
  expect(problems()?.map(({ stack, at }) => [stack, at])).toEqual([
    ['east', { file: 'Pulumi.yaml', line: 2 }],
    ['west', { file: 'Pulumi.yaml', line: 2 }],
  ]);
});

test('an unreadable and an invalid file each give their line, what is wrong and the fix', () => {
  writeFileSync(join(root, 'Pulumi.west.yaml'), 'config:\n\tx: 1\n');
  writeFileSync(join(root, 'Pulumi.east.yaml'), 'config:\n  k8s-gitops:applyMode: never\n');
  const [unreadable, ...invalid] = [...problems()!].sort((a, b) => b.stack.localeCompare(a.stack));
  expect(unreadable).toEqual({
    stack: 'west',
    at: { file: 'Pulumi.west.yaml', line: 2 },
    what: 'Tabs are not allowed as indentation',
    todo: 'fix the YAML',
    ofManifest: true,
  });
  expect(invalid).toContainEqual({
    stack: 'east',
    at: { file: 'Pulumi.east.yaml', line: 2 },
    what: 'applyMode: found "never", expected one of auto, no_reboot, staged',
    todo: 'correct it',
  });
});

test('a setting that is missing names its key; a manifest that the program cannot render is reported for each stack', () => {
  const release = 'kubernetes/infrastructure/networking/cilium/kustomization.yaml';
  const settings = 'kubernetes/clusters/east/cluster-settings.yaml';
  const text = readFileSync(join(root, settings), 'utf8');
  writeFileSync(join(root, settings), text.replace(/ +BIND_TSIG_SECRET_PATH: .*\n/, ''));
  writeFileSync(join(root, release), `${readFileSync(join(root, release), 'utf8')}namePrefix: x-\n`);
  const ofManifest = {
    at: { file: release, line: 6 },
    what: 'kustomize field `namePrefix` is not supported',
    todo: 'use resources, components, configMapGenerator, patches, replacements, namespace, images, replicas',
    ofManifest: true,
  };
  expect(problems()).toEqual([
    { stack: 'east', ...ofManifest },
    {
      stack: 'east',
      at: { file: settings, line: 1 },
      what:
        'BIND_TSIG_SECRET_PATH: found nothing, expected the title of a 1Password item such as kubernetes/<cluster>/<app>, ' +
        'used by external-services (kubernetes/infrastructure/external-services/secrets.yaml:48)',
      todo: "add it, or remove what uses it from the cluster's list",
      setting: 'BIND_TSIG_SECRET_PATH',
    },
    { stack: 'west', ...ofManifest },
  ]);
});

test('credentials that the FluxInstance does not name are reported at their line', () => {
  const file = join(root, 'Pulumi.west.yaml');
  const credentials = '  k8s-gitops:gitCredentials: { item: kubernetes/west/git, kind: token }\n';
  const text = readFileSync(file, 'utf8') + credentials;
  writeFileSync(file, text);
  expect(problems()).toEqual([
    {
      stack: 'west',
      at: { file: 'Pulumi.west.yaml', line: text.split('\n').length - 1 },
      what:
        'gitCredentials: found credentials, expected a FluxInstance that names their Secret, or Flux could not read the ' +
        'repository',
      todo: 'add sync.pullSecret to the values of the HelmRelease flux-instance, such as git-credentials',
    },
  ]);
});
