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
  const found = advised(/talosctl (upgrade|reset|dmesg|service|containers|get)\b[^`"'\n,]*(?:`)?/g);
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
