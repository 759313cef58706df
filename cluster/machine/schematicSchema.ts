import * as z from 'zod';
import { described, integer, mapOf, nonEmpty, oneOf, section, text, trueOrFalse } from '../schemaTypes';

/** Something that is in a list twice does no good, and the factory refuses it. */
const noDuplicates = (values: readonly string[], context: z.RefinementCtx): void => {
  values.forEach((value, index) => {
    if (values.indexOf(value) < index) context.addIssue({ code: 'custom', path: [index], message: 'no duplicates' });
  });
};

/** What an image factory builds an image of, in its names. */
const schematic = section({
  kernelArgs: described(
    z
      .array(
        text('a kernel argument without spaces', (value) => /^\S+$/.test(value)),
        { error: 'a list of kernel arguments' },
      )
      .superRefine(noDuplicates)
      .default([]),
    "Kernel arguments; a leading dash takes one of Talos' own away.",
    'schematic customization.extraKernelArgs',
  ),
  extensions: described(
    z
      .array(
        text('an extension such as siderolabs/iscsi-tools', (value) => /^[a-z0-9-]+\/[a-z0-9._-]+$/.test(value)),
        { error: 'a list of extensions' },
      )
      .superRefine(noDuplicates)
      .default([]),
    'System extensions that the factory has.',
    'schematic customization.systemExtensions.officialExtensions',
  ),
  overlay: described(
    section({
      name: described(
        text('the name of an overlay such as rpi_generic', (value) => /^[a-z0-9][a-z0-9_.-]*$/.test(value)),
        'Its name.',
        'schematic overlay.name',
      ),
      image: described(
        text('the image of an overlay such as siderolabs/sbc-raspberrypi', (value) =>
          /^[a-z0-9-]+\/[a-z0-9._-]+$/.test(value),
        ),
        'Its image.',
        'schematic overlay.image',
      ),
      options: described(
        z.record(z.string(), z.unknown(), { error: 'a map of options' }).optional(),
        'Its options.',
        'schematic overlay.options',
      ),
    }).optional(),
    'What a single-board computer needs.',
    'schematic overlay',
  ),
  meta: described(
    z
      .array(
        section({
          key: described(integer('an integer from 0 to 255', 0, 255), 'The key.', 'schematic customization.meta[].key'),
          value: described(nonEmpty('a value'), 'The value.', 'schematic customization.meta[].value'),
        }),
        { error: 'a list of {key, value}' },
      )
      .default([]),
    'Values of the META partition.',
    'schematic customization.meta',
  ),
  secureboot: described(
    section({
      enrollKeys: described(
        oneOf(['if-safe', 'manual', 'force', 'off'] as const).optional(),
        'When the keys are enrolled.',
        'schematic customization.secureboot.enrollKeys',
      ),
      includeWellKnownCertificates: described(
        trueOrFalse.optional(),
        "Whether Microsoft's certificates are enrolled too.",
        'schematic customization.secureboot.includeWellKnownCertificates',
      ),
    }).optional(),
    'How secure boot is set up.',
    'schematic customization.secureboot',
  ),
  bootloader: described(
    oneOf(['auto', 'dual-boot', 'grub', 'sd-boot'] as const).optional(),
    'The boot loader; default: the one of the architecture and Talos version.',
    'schematic customization.bootloader',
  ),
});

/** The schematics of a stack by name. `default` always exists: without anything in it, it is plain Talos. */
export const schematicsSchema = mapOf(
  text('the name of a schematic', (value) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value)),
  schematic,
  'a map of schematics by name',
).prefault({});

export const defaultImageFactory = 'https://factory.talos.dev';

/** Where images come from. */
export const imageFactorySchema = section({
  url: described(
    text('an https:// URL without a path', (value) => /^https:\/\/[a-z0-9.-]+(:\d+)?$/.test(value)).default(
      defaultImageFactory,
    ),
    'The image factory, at which schematics are registered.',
  ),
  installerRegistry: described(
    text('a registry such as factory.talos.dev', (value) =>
      /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/.test(value),
    ).default('factory.talos.dev'),
    'The registry from which machines pull the installer.',
    'machine.install.image',
  ),
});

export type Schematic = z.infer<typeof schematic>;
export type ImageFactory = z.infer<typeof imageFactorySchema>;

/** Plain Talos: the schematic `default` of a stack that does not describe it. */
export const plainSchematic: Schematic = schematic.parse({});
