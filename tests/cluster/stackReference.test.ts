import { stackKeys } from '../../cluster/stackReference';

const keys = stackKeys();
const find = (level: string, path: string) => keys.find((key) => key.level === level && key.path === path);

test('every key has a description', () => {
  expect(keys.filter(({ description }) => description === '').map(({ path }) => path)).toEqual([]);
});

test('no key is listed twice', () => {
  const names = keys.map(({ level, path }) => `${level} ${path}`);
  expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([]);
});

test('a key has its type, its default and its field of Talos', () => {
  expect(find('machines', 'secureboot')).toEqual({
    path: 'secureboot',
    level: 'machines',
    type: 'true or false',
    required: false,
    default: 'false',
    talos: 'machine.install.image',
    description: 'Whether the machine boots with secure boot.',
  });
  expect(find('nodes', 'role')).toMatchObject({ type: 'one of controlplane, worker', required: true });
});

test('a key below a described one has the field below that one’s', () => {
  expect(find('machines', 'installDiskSelector.serial')).toMatchObject({
    talos: 'machine.install.diskSelector.serial',
  });
  expect(find('machines', 'network.interfaces.<name>.vlans.<id>.mtu')).toMatchObject({
    talos: 'machine.network.interfaces[].vlans[].mtu',
  });
});

test('objects with the same keys are listed once', () => {
  expect(find('machines', 'rawVolumes.<name>.encryption')).toMatchObject({ sameAs: 'volumes.EPHEMERAL.encryption' });
  expect(find('machines', 'rawVolumes.<name>.encryption.keys')).toBeUndefined();
});

test('what a machine may have is listed at its own level only', () => {
  expect(
    keys.filter(({ path }) => /^(machines|nodes|worker|controlPlane)\b/.test(path)).map(({ path }) => path),
  ).toEqual(['nodes', 'machines', 'controlPlane', 'worker']);
});
