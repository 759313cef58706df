import { parse } from '@bufbuild/cel';
import type * as z from 'zod';
import { parseBytes } from '../diskSize';
import { described, mapOf, oneOf, section, text, trueOrFalse } from '../schemaTypes';
import { encryptionSchema } from './encryptionSchema';

// The documents of Talos for volumes, in its names: VolumeConfig, UserVolumeConfig and the others. `volumeChecks.ts` has
// the rules between their fields.

const isCel = (value: string): boolean => {
  try {
    parse(value);
    return true;
  } catch {
    return false;
  }
};
const match = text("a CEL expression such as disk.transport == 'nvme'", isCel);
const size = text('a size such as 100GiB', (value) => parseBytes(value) !== undefined);
const largest = text(
  'a size such as 100GiB, or from Talos 1.12 on a part of the disk such as 80%',
  (value) => parseBytes(value) !== undefined || /^([1-9]\d?|100)%$/.test(value),
);

const provisioning = section({
  diskSelector: described(
    section({
      match: described(match, 'A CEL expression over `disk` and `system_disk`.', 'provisioning.diskSelector.match'),
    }).optional(),
    'Which disk the volume is made on.',
    'provisioning.diskSelector',
  ),
  grow: described(trueOrFalse.optional(), 'Whether the volume grows up to its maximum.', 'provisioning.grow'),
  minSize: described(
    size.optional(),
    'The least size; Talos looks for a disk with that much room.',
    'provisioning.minSize',
  ),
  maxSize: described(largest.optional(), 'The largest size; default: the whole disk.', 'provisioning.maxSize'),
});

const filesystem = section({
  type: described(oneOf(['xfs', 'ext4'] as const).optional(), 'The file system; default: xfs.', 'filesystem.type'),
  projectQuotaSupport: described(
    trueOrFalse.optional(),
    'Whether the file system counts what projects use; only xfs.',
    'filesystem.projectQuotaSupport',
  ),
});

/** What every kind of volume that Talos makes has. */
const partition = (kind: string) => ({
  provisioning: described(
    provisioning.optional(),
    'Where the volume lies and how large it is.',
    `${kind} provisioning`,
  ),
  encryption: described(encryptionSchema.optional(), 'How the volume is encrypted.', `${kind} encryption`),
});

const volume = section(partition('VolumeConfig'));

/** A name becomes a partition label, of which Talos leaves 34 characters. */
const volumeName = text('a name of at most 34 letters, digits and hyphens', (value) =>
  /^[A-Za-z0-9-]{1,34}$/.test(value),
);
const named = 'a map by name';

/** The keys of a machine for its volumes. */
export const volumeShape = {
  volumes: described(
    section({
      EPHEMERAL: described(volume.optional(), 'What Kubernetes keeps: images, logs, pods, etcd.', 'VolumeConfig'),
      STATE: described(volume.optional(), "Talos' own configuration and secrets.", 'VolumeConfig'),
      IMAGECACHE: described(volume.optional(), 'Images that were installed with Talos.', 'VolumeConfig'),
    }).prefault({}),
    "Talos' own volumes.",
    'VolumeConfig',
  ),
  userVolumes: described(
    mapOf(
      volumeName,
      section({
        volumeType: described(
          oneOf(['partition', 'disk', 'directory'] as const).optional(),
          'What the volume is made of; from Talos 1.12 on. Default: partition.',
          'UserVolumeConfig volumeType',
        ),
        ...partition('UserVolumeConfig'),
        filesystem: described(filesystem.optional(), 'Its file system.', 'UserVolumeConfig filesystem'),
      }),
      named,
    ).prefault({}),
    'Volumes for workloads, mounted at /var/mnt/<name>.',
    'UserVolumeConfig',
  ),
  rawVolumes: described(
    mapOf(volumeName, section(partition('RawVolumeConfig')), named).prefault({}),
    'Partitions without a file system.',
    'RawVolumeConfig',
  ),
  existingVolumes: described(
    mapOf(
      volumeName,
      section({
        discovery: described(
          section({
            volumeSelector: described(
              section({
                match: described(
                  text("a CEL expression such as volume.partition_label == 'DATA'", isCel),
                  'A CEL expression over `volume` and `disk`.',
                  'ExistingVolumeConfig discovery.volumeSelector.match',
                ),
              }),
              'Which volume it is.',
              'ExistingVolumeConfig discovery.volumeSelector',
            ),
          }),
          'How the volume is found.',
          'ExistingVolumeConfig discovery',
        ),
        mount: described(
          section({
            readOnly: described(
              trueOrFalse.optional(),
              'Whether it is only read.',
              'ExistingVolumeConfig mount.readOnly',
            ),
          }).optional(),
          'How it is mounted.',
          'ExistingVolumeConfig mount',
        ),
      }),
      named,
    ).prefault({}),
    'Volumes that exist and are mounted at /var/mnt/<name>.',
    'ExistingVolumeConfig',
  ),
  swapVolumes: described(
    mapOf(volumeName, section(partition('SwapVolumeConfig')), named).prefault({}),
    'Swap space.',
    'SwapVolumeConfig',
  ),
} satisfies z.ZodRawShape;
