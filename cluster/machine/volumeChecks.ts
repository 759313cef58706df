import { isAtLeast } from '../../gitops/version';
import { parseBytes } from '../diskSize';
import type { KeyPlace } from '../keyPath';
import { type Problem, show } from '../problems';
import type { Encryption } from './encryptionSchema';
import type { CheckedMachine } from './machines';
import type { MachineSettings } from './machineSchema';

type Provisioning = NonNullable<MachineSettings['userVolumes'][string]['provisioning']>;

/** A volume of a machine, and where its keys are. */
interface Volume {
  at: KeyPlace;
  /** Whether Talos demands a disk selector and a size. */
  isOwn: boolean;
  volumeType?: 'partition' | 'disk' | 'directory';
  provisioning?: Provisioning;
  encryption?: Encryption;
  filesystem?: { type?: 'xfs' | 'ext4'; projectQuotaSupport?: boolean };
}

/**
 * Checks the volumes of a machine by the rules of Talos' documents (config/types/block of its machinery).
 * @param talosVersion the version that the machines run; undefined if it is not known
 */
export function volumeProblems({ node, at }: CheckedMachine, talosVersion: string | undefined): Problem[] {
  const own = (['userVolumes', 'rawVolumes', 'swapVolumes'] as const).flatMap((key) =>
    Object.entries<Omit<Volume, 'at' | 'isOwn'>>(node[key]).map(([name, volume]): Volume => ({
      ...volume,
      isOwn: true,
      at: (...path) => at(key, name, ...path),
    })),
  );
  const systems = Object.entries(node.volumes).map(([name, volume]): Volume => ({
    ...volume,
    isOwn: false,
    at: (...path) => at('volumes', name, ...path),
  }));
  const isNew = talosVersion === undefined || isAtLeast(talosVersion, '1.12');
  return [
    ...stateProblems(node.volumes.STATE, at),
    ...sameNameProblems(node, at),
    ...[...systems, ...own].flatMap((volume) => [
      ...provisioningProblems(volume),
      ...encryptionProblems(volume),
      ...filesystemProblems(volume),
      ...(isNew ? [] : newerProblems(volume, talosVersion)),
    ]),
  ];
}

/** Talos mounts both kinds at /var/mnt/<name>. */
function sameNameProblems({ userVolumes, existingVolumes }: MachineSettings, at: KeyPlace): Problem[] {
  const shared = Object.keys(existingVolumes).filter((name) => Object.hasOwn(userVolumes, name));
  return shared.map((name) => {
    const expected = 'a name that no user volume has, because both are mounted at /var/mnt/<name>';
    return { where: at('existingVolumes', name), found: show(name), expected, fix: 'rename one of them' };
  });
}

function stateProblems(state: MachineSettings['volumes']['STATE'], at: KeyPlace): Problem[] {
  const problems: Problem[] = [];
  if (state?.provisioning !== undefined) {
    const expected = 'nothing, because STATE is always on the install disk';
    problems.push({ where: at('volumes', 'STATE', 'provisioning'), found: 'a value', expected, fix: 'remove it' });
  }
  state?.encryption?.keys.forEach(({ lockToState }, index) => {
    if (lockToState !== true) return;
    const where = at('volumes', 'STATE', 'encryption', 'keys', index, 'lockToState');
    problems.push({ where, found: 'true', expected: 'false, because STATE cannot lock itself', fix: 'remove it' });
  });
  return problems;
}

function provisioningProblems({ at, isOwn, volumeType = 'partition', provisioning, ...rest }: Volume): Problem[] {
  const { diskSelector, minSize, maxSize, grow } = provisioning ?? {};
  if (volumeType === 'directory') {
    const values = { ...rest, provisioning };
    return (['provisioning', 'encryption', 'filesystem'] as const)
      .filter((key) => values[key] !== undefined)
      .map((key) => ({
        where: at(key),
        found: 'a value',
        expected: 'nothing, because the volume is a directory of EPHEMERAL',
        fix: 'remove it',
      }));
  }
  const problems: Problem[] = [];
  if (isOwn && diskSelector?.match === undefined) {
    const where = at('provisioning', 'diskSelector');
    const expected = "a disk, such as match: disk.transport == 'nvme' && !system_disk";
    problems.push({ where, found: 'nothing', expected, fix: 'add it' });
  }
  if (volumeType === 'disk') {
    if ((minSize ?? maxSize ?? grow) === undefined) return problems;
    const expected = 'no minSize, maxSize or grow, because the volume is a whole disk';
    return [...problems, { where: at('provisioning'), found: 'a size', expected, fix: 'remove it' }];
  }
  if (isOwn && minSize === undefined && maxSize === undefined) {
    const where = at('provisioning', 'minSize');
    problems.push({ where, found: 'nothing', expected: 'minSize or maxSize', fix: 'add one of them' });
  }
  const [least, most] = [minSize, maxSize].map((text) => parseBytes(text ?? ''));
  if (least !== undefined && most !== undefined && least > most) {
    const expected = `at most maxSize ${maxSize}`;
    problems.push({ where: at('provisioning', 'minSize'), found: show(minSize), expected, fix: 'correct one of them' });
  }
  return problems;
}

function encryptionProblems({ at, encryption }: Volume): Problem[] {
  const keys = encryption?.keys ?? [];
  return keys.flatMap(({ slot, nodeID, tpm, kms, static: passphrase }, index) => {
    const problems: Problem[] = [];
    if (keys.findIndex((key) => key.slot === slot) < index) {
      const where = at('encryption', 'keys', index, 'slot');
      problems.push({ where, found: show(slot), expected: 'a slot that no other key has', fix: 'change it' });
    }
    if ((nodeID ?? tpm ?? kms ?? passphrase) === undefined) {
      const where = at('encryption', 'keys', index);
      problems.push({ where, found: 'no key', expected: 'one of nodeID, tpm, kms, static', fix: 'add one' });
    }
    return problems;
  });
}

function filesystemProblems({ at, filesystem }: Volume): Problem[] {
  if (filesystem?.projectQuotaSupport !== true || filesystem.type !== 'ext4') return [];
  const where = at('filesystem', 'projectQuotaSupport');
  return [{ where, found: 'true', expected: 'false, because only xfs has it', fix: 'remove it, or use xfs' }];
}

/** What Talos knows from 1.12 on. */
function newerProblems({ at, volumeType, provisioning, encryption }: Volume, talosVersion = ''): Problem[] {
  const places = [
    ...(volumeType === undefined ? [] : [at('volumeType')]),
    ...(provisioning?.maxSize?.endsWith('%') === true ? [at('provisioning', 'maxSize')] : []),
    ...(encryption?.keys ?? []).flatMap(({ tpm }, index) =>
      tpm?.options === undefined ? [] : [at('encryption', 'keys', index, 'tpm', 'options')],
    ),
  ];
  return places.map((where) => ({
    where,
    found: 'a value that Talos knows from 1.12 on',
    expected: `one that Talos ${talosVersion} knows`,
    fix: 'remove it, or raise TALOS_VERSION',
  }));
}
