import { parse } from 'yaml';
import { installerImage, schematicText } from '../../cluster/schematic';

test('a schematic', () => {
  const schematic = { kernelArgs: ['-selinux', 'mitigations=off'], extensions: ['siderolabs/i915'] };
  expect(parse(schematicText({ schematic }))).toEqual({
    customization: {
      extraKernelArgs: ['-selinux', 'mitigations=off'],
      systemExtensions: { officialExtensions: ['siderolabs/i915'] },
    },
  });
});

test('an installer image', () => {
  expect(installerImage('abc', 'v1.11.2')).toBe('factory.talos.dev/metal-installer/abc:v1.11.2');
});
