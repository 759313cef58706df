import { evaluateExtensions } from '../../../cli/preflight/imageFactory';
import { defineCluster } from '../../../cluster/defineCluster';
import { officialExtensions } from '../../../lab/services/imageFactory/officialExtensions';
import { baseInput } from '../../cluster/fixtures';

const evaluate = (extensions: string[]) => {
  const definition = defineCluster(baseInput({ set: { 'config.schematics.default.extensions': extensions } }));
  const { state, why, fix } = evaluateExtensions(definition, officialExtensions);
  return { state, why, fix };
};

test('every extension exists', () => {
  expect(evaluate(['siderolabs/iscsi-tools', 'siderolabs/i915'])).toEqual({
    state: 'ok',
    why: 'has Talos v1.11.2; has siderolabs/iscsi-tools, siderolabs/i915',
    fix: '',
  });
  expect(evaluate([]).why).toBe('has Talos v1.11.2; no extension is needed');
});

test('an extension does not exist: names what is similar', () => {
  expect(evaluate(['siderolabs/i915-ucode', 'siderolabs/iscsi-tools', 'siderolabs/nothing'])).toEqual({
    state: 'failed',
    why: 'has no extension siderolabs/i915-ucode, siderolabs/nothing for Talos v1.11.2; it has siderolabs/i915',
    fix: 'correct schematics.default.extensions in Pulumi.east.yaml',
  });
});
