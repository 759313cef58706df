import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secretConfigKeys } from '../cluster/stackConfig';

// Commands that messages, comments in settings and docs advise must work as they are.

const root = join(__dirname, '..');
const rooms = ['cli', 'clients', 'cluster', 'components', 'docs', 'lab', 'provider', 'stacks'];
const files = [
  ...readdirSync(root).filter((file) => /\.(md|yaml)$/.test(file) && file !== 'CHANGELOG.md'),
  ...rooms.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|md|yaml)$/.test(file))
      .map((file) => join(room, file)),
  ),
];

/** Every match in every file, as `file: text`. */
function advised(pattern: RegExp): { file: string; command: string; groups: string[] }[] {
  return files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(pattern)].map(([command, ...groups]) => ({
      file,
      command,
      groups,
    })),
  );
}

/** Flags without which a command does something else. The talosconfig of a stack lists all nodes. */
const neededFlags: Readonly<Record<string, readonly string[]>> = {
  // Without an image it installs the plain one, without extensions.
  upgrade: ['--nodes', '--image'],
  // By default it wipes every disk, and expects a healthy etcd.
  reset: ['--nodes', '--graceful=false', '--reboot'],
  dmesg: ['--nodes'],
  service: ['--nodes'],
  containers: ['--nodes'],
  get: ['--nodes'],
};

test('talosctl commands have the flags that they need', () => {
  // A command without anything behind it is only named.
  const found = advised(/talosctl (upgrade|reset|dmesg|service|containers|get)\b(?![`-])[^`"'\n,]*(?:`)?/g);
  const incomplete = found.filter(({ command, groups: [verb = ''] }) =>
    (neededFlags[verb] ?? []).some((flag) => !command.includes(flag)),
  );
  expect(found.length).toBeGreaterThanOrEqual(6);
  expect(incomplete.map(({ file, command }) => `${file}: ${command}`)).toEqual([]);
});

test('secrets that are to be set exist', () => {
  const found = advised(/pulumi config set --secret (?:--stack \S+ )?(\w+)/g);
  const unknown = found.filter(({ groups: [key = ''] }) => !(secretConfigKeys as readonly string[]).includes(key));
  expect(found.length).toBeGreaterThanOrEqual(3);
  expect(unknown.map(({ file, command }) => `${file}: ${command}`)).toEqual([]);
});

test('npm scripts and commands of the lab exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
  const commands = [...readFileSync(join(root, 'lab/cli.ts'), 'utf8').matchAll(/\.command\('([a-z-]+)/g)];
  const known = new Set(commands.map(([, name]) => name));
  const unknownScripts = advised(/npm run (?:-s )?([a-z]+(?::[a-z]+)*)\b/g).filter(
    ({ groups: [name = ''] }) => !(name in scripts),
  );
  const unknownCommands = advised(/npm run (?:-s )?lab -- ([a-z][a-z-]*)/g).filter(
    ({ groups: [name = ''] }) => !known.has(name),
  );
  const all = [...unknownScripts, ...unknownCommands];
  expect(all.map(({ file, command }) => `${file}: ${command}`)).toEqual([]);
});

/** Commands by the tool of .mise.toml that brings them. */
const broughtBy: Readonly<Record<string, readonly string[]>> = {
  node: ['node', 'npm', 'npx'],
  go: ['go'],
  pulumi: ['pulumi'],
  helm: ['helm'],
  kubectl: ['kubectl'],
  talosctl: ['talosctl'],
  flux2: ['flux'],
  jq: ['jq'],
  '1password-cli': ['op'],
};
/** What README.md asks people to have, and what every shell and a name server have. */
const present = [
  'git',
  'mise',
  'bash',
  'cd',
  'export',
  'eval',
  'for',
  'do',
  'done',
  'label',
  'xargs',
  'grep',
  'base64',
];
const onServers = ['openssl', 'chown', 'rndc', 'dig', 'printf', 'umask'];

/** The first words of command lines: of blocks marked `sh`, and of indented ones that start like one. */
function commandLines(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  const fenced = [...text.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block = '']) => block);
  const indented = text
    .replace(/^```[^]*?^```/gm, '')
    .split('\n')
    .filter(
      (line) => /^ {4,}[a-z]/.test(line) && !/^ {4,}\S+:|;$|^ {4,}(zone|include|type|file|grant|allow)\b/.test(line),
    );
  const lines = fenced.flatMap((block) => block.replace(/\\\n/g, ' ').split('\n'));
  return [...lines, ...indented].map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

test('every command of the pages comes with .mise.toml, or is one that people have', () => {
  const installed = [...readFileSync(join(root, '.mise.toml'), 'utf8').matchAll(/^([\w-]+) = "/gm)].map(
    ([, name = '']) => name,
  );
  expect(installed.sort()).toEqual(Object.keys(broughtBy).sort());
  const known = new Set([...Object.values(broughtBy).flat(), ...present, ...onServers]);
  const pages = [
    'README.md',
    'SECURITY.md',
    ...readdirSync(join(root, 'docs')).flatMap((file) => (file.endsWith('.md') ? [`docs/${file}`] : [])),
  ];
  const used = pages.flatMap((page) =>
    commandLines(page).map((line) => ({ page, line, command: /^[\w-]+/.exec(line)?.[0] ?? line })),
  );
  expect(used.length).toBeGreaterThan(60);
  expect(used.filter(({ command }) => !known.has(command)).map(({ page, line }) => `${page}: ${line}`)).toEqual([]);
});
