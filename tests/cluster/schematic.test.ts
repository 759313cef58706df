import { parse } from 'yaml';
import { defineCluster } from '../../cluster/defineCluster';
import { plainSchematic } from '../../cluster/machine/schematicSchema';
import { installerImageOf, schematicsInUse, schematicText } from '../../cluster/schematic';
import { schematicId } from '../../cluster/schematicId';
import { baseInput } from './fixtures';

test('a schematic', () => {
  const kernelArgs = ['-selinux', 'mitigations=off'];
  expect(parse(schematicText({ ...plainSchematic, kernelArgs, extensions: ['siderolabs/i915'] }))).toEqual({
    customization: { extraKernelArgs: kernelArgs, systemExtensions: { officialExtensions: ['siderolabs/i915'] } },
  });
});

test('a schematic of everything', () => {
  const overlay = { name: 'rpi_generic', image: 'siderolabs/sbc-raspberrypi', options: { configTxt: 'a=b' } };
  const all = {
    ...plainSchematic,
    overlay,
    meta: [{ key: 10, value: '{}' }],
    secureboot: { enrollKeys: 'if-safe' as const, includeWellKnownCertificates: true },
    bootloader: 'sd-boot' as const,
  };
  expect(parse(schematicText(all))).toEqual({
    overlay,
    customization: {
      extraKernelArgs: [],
      meta: [{ key: 10, value: '{}' }],
      systemExtensions: { officialExtensions: [] },
      secureboot: { enrollKeys: 'if-safe', includeWellKnownCertificates: true },
      bootloader: 'sd-boot',
    },
  });
});

test('a schematic that no stack describes is plain Talos', () => {
  // The id of a schematic without customization at factory.talos.dev.
  expect(schematicId(schematicText(plainSchematic))).toBe(
    '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba',
  );
});

describe('an installer image', () => {
  const { imageFactory, versions } = defineCluster(baseInput());
  const image = (node: object, factory = imageFactory) =>
    installerImageOf(
      { imageFactory: factory, versions },
      { secureboot: false, ...node },
      { default: 'abc', gpu: 'def' },
    );

  test('of the schematic', () => {
    expect(image({})).toBe('factory.talos.dev/metal-installer/abc:v1.11.2');
    expect(image({ schematic: 'gpu', secureboot: true })).toBe(
      'factory.talos.dev/metal-installer-secureboot/def:v1.11.2',
    );
  });

  test('of another registry', () => {
    const own = { url: 'https://factory.example.org', installerRegistry: 'registry.example.org:5000/talos' };
    expect(image({}, own)).toBe('registry.example.org:5000/talos/metal-installer/abc:v1.11.2');
    expect(image({ installerImage: 'registry.example.org/installer' }, own)).toBe(
      'registry.example.org/installer:v1.11.2',
    );
  });
});

test('schematics in use', () => {
  const nodes = defineCluster(baseInput()).nodes.map((node, index) => ({
    ...node,
    ...(index === 0 ? { schematic: 'gpu' } : index === 1 ? { installerImage: 'registry.example.org/installer' } : {}),
  }));
  expect(schematicsInUse({ nodes })).toEqual(['default', 'gpu']);
});
