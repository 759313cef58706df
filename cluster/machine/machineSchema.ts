import * as z from 'zod';
import { parseSizeCondition } from '../diskSize';
import { described, hasKeys, host, mapOf, nonEmpty, oneOf, section, text, trueOrFalse } from '../schemaTypes';
import { networkSchema } from './networkSchema';
import { volumeShape } from './volumesSchema';

const property = (what: string, description: string) => described(nonEmpty(what).optional(), description);

/** How Talos looks for the disk that it is installed on. It knows `name` too, and refuses it. */
const installDiskSelector = section({
  size: described(
    text(
      "a size such as '>= 400GB', optionally with <=, >=, ==, < or > before it",
      (value) => parseSizeCondition(value) !== undefined,
    ).optional(),
    'The size of the disk.',
  ),
  model: property('a model, * allowed', 'The model of the disk.'),
  serial: property('a serial number, * allowed', 'The serial number of the disk.'),
  modalias: property('a modalias, * allowed', 'The modalias of the disk.'),
  uuid: property('a UUID, * allowed', 'The UUID of the disk.'),
  wwid: property('a WWID, * allowed', 'The WWID of the disk.'),
  busPath: property('a bus path, * allowed', 'Where the disk is plugged in.'),
  type: described(oneOf(['hdd', 'nvme', 'sd', 'ssd'] as const).optional(), 'The kind of disk.'),
}).refine(hasKeys, { error: 'at least one of size, model, serial, modalias, uuid, wwid, busPath, type' });

/** A name with an optional prefix: at most 63 characters, after a DNS name and a slash (Talos' ValidateQualifiedName). */
const isQualifiedName = (value: string): boolean => {
  const [name = '', prefix, ...rest] = value.split('/').reverse();
  const isName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(name) && name.length <= 63;
  const isPrefix = prefix === undefined || (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(prefix) && prefix.length <= 253);
  return rest.length === 0 && isName && isPrefix;
};
const isLabelValue = (value: string): boolean =>
  value.length <= 63 && /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value);
const qualifiedName = text('a name such as example.org/rack', isQualifiedName);

const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const taint = text(
  '<value>:<effect> or <effect>, where the effect is NoSchedule, PreferNoSchedule or NoExecute',
  (value) => {
    const at = value.indexOf(':');
    return taintEffects.includes(value.slice(at + 1)) && (at < 0 || isLabelValue(value.slice(0, at)));
  },
);

const kernelModule = section({
  name: described(
    text('the name of a kernel module', (value) => /^[A-Za-z0-9_-]+$/.test(value)),
    'Its name.',
    'machine.kernel.modules[].name',
  ),
  parameters: described(
    z.array(nonEmpty('a parameter such as a=b'), { error: 'a list of parameters' }).optional(),
    'Its parameters.',
    'machine.kernel.modules[].parameters',
  ),
});

/** What every level of a stack may say about machines; the schema of a machine of which all levels are merged. */
export const machineSchema = section({
  installDisk: described(
    text(
      'a device path under /dev',
      (value) => /^\/dev\/\S+$/.test(value) && !value.split('/').includes('..'),
    ).optional(),
    'The disk that Talos is installed on. Talos wipes it.',
    'machine.install.disk',
  ),
  installDiskSelector: described(
    installDiskSelector.optional(),
    'The disk that Talos is installed on, by its properties.',
    'machine.install.diskSelector',
  ),
  schematic: described(
    text('the name of a schematic', (value) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value)).optional(),
    'The schematic of the image, by its name in `schematics`; default: `default`.',
    'machine.install.image',
  ),
  installerImage: described(
    text('an image without a tag, such as registry.example.org/installer', (value) =>
      /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+$/.test(value),
    ).optional(),
    "An image of your own instead of a schematic's; its tag is the Talos version.",
    'machine.install.image',
  ),
  secureboot: described(
    trueOrFalse.default(false),
    'Whether the machine boots with secure boot.',
    'machine.install.image',
  ),
  architecture: described(oneOf(['amd64', 'arm64'] as const).default('amd64'), 'The architecture of the machine.'),
  network: described(networkSchema.prefault({}), 'The network.', 'machine.network'),
  ...volumeShape,
  nodeLabels: described(
    mapOf(qualifiedName, text('a label value of at most 63 characters', isLabelValue), 'a map of labels').default({}),
    'Labels of the Kubernetes node.',
    'machine.nodeLabels',
  ),
  nodeAnnotations: described(
    mapOf(qualifiedName, z.string({ error: 'text' }), 'a map of annotations').default({}),
    'Annotations of the Kubernetes node.',
    'machine.nodeAnnotations',
  ),
  nodeTaints: described(
    mapOf(qualifiedName, taint, 'a map of taints').default({}),
    'Taints of the Kubernetes node.',
    'machine.nodeTaints',
  ),
  kernelModules: described(
    z.array(kernelModule, { error: 'a list of kernel modules' }).default([]),
    'Kernel modules to load.',
    'machine.kernel.modules',
  ),
  sysctls: described(
    mapOf(
      text('a kernel parameter such as vm.nr_hugepages', (value) => /^[a-z0-9_]+([./][A-Za-z0-9_*:-]+)+$/.test(value)),
      z.union([nonEmpty('text or a number'), z.number().transform(String)], { error: 'text or a number' }),
      'a map of kernel parameters',
    ).default({}),
    'Kernel parameters.',
    'machine.sysctls',
  ),
  certSANs: described(
    z.array(host, { error: 'a list of addresses and DNS names' }).default([]),
    'Additional names of the machine in the certificate of its API.',
    'machine.certSANs',
  ),
  patches: described(
    z
      .array(
        z.union(
          [z.record(z.string(), z.unknown()), text('a path such as ./patch.yaml', (value) => /^\.\.?\//.test(value))],
          {
            error: 'an object, or a path such as ./patch.yaml (and no JSON patch)',
          },
        ),
        { error: 'a list of patches' },
      )
      .default([]),
    'Patches in the words of Talos, or documents, applied last: every level adds its own.',
    'any',
  ),
});

/** A machine as all levels describe it, with all defaults. */
export type MachineSettings = z.infer<typeof machineSchema>;
