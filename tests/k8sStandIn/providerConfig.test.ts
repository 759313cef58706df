import { unknownValue } from '@pulumi/pulumi/runtime/rpc';
import { secret } from '../../lab/plugins/provider/properties';
import { diffConfig, readProviderConfig } from '../../lab/plugins/kubernetes/providerConfig';
import { kubeconfig } from './fakeApiServer';

const one = kubeconfig('https://127.25.11.11:6443');
const moved = kubeconfig('https://127.25.11.12:6443');
const otherCa = kubeconfig('https://127.25.11.11:6443', 'other');
const renewed = one.replace('"user":{}', '"user":{"token":"new"}');

describe('diffConfig: changes that replace the provider and all its objects', () => {
  test.each([
    ['nothing changed', { kubeconfig: one }, { kubeconfig: one }, [], []],
    ['renewed credentials', { kubeconfig: one }, { kubeconfig: renewed }, ['kubeconfig'], []],
    ['another server', { kubeconfig: one }, { kubeconfig: moved }, ['kubeconfig'], ['kubeconfig']],
    ['another CA', { kubeconfig: one }, { kubeconfig: otherCa }, ['kubeconfig'], ['kubeconfig']],
    ['an unknown kubeconfig', { kubeconfig: one }, { kubeconfig: unknownValue }, ['kubeconfig'], ['kubeconfig']],
    [
      'an unknown kubeconfig, same identifier',
      { kubeconfig: one, clusterIdentifier: 'c' },
      { kubeconfig: unknownValue, clusterIdentifier: 'c' },
      ['kubeconfig'],
      [],
    ],
    [
      'another server, same identifier',
      { kubeconfig: one, clusterIdentifier: 'c' },
      { kubeconfig: moved, clusterIdentifier: 'c' },
      ['kubeconfig'],
      [],
    ],
    [
      'another server, identifier added',
      { kubeconfig: one },
      { kubeconfig: moved, clusterIdentifier: 'c' },
      ['clusterIdentifier', 'kubeconfig'],
      ['kubeconfig'],
    ],
    [
      'another identifier',
      { kubeconfig: one, clusterIdentifier: 'c' },
      { kubeconfig: one, clusterIdentifier: 'd' },
      ['clusterIdentifier'],
      ['clusterIdentifier'],
    ],
    ['a flag', { kubeconfig: one }, { kubeconfig: one, upsertExistingObjects: 'true' }, ['upsertExistingObjects'], []],
  ])('%s', (_name, olds, news, diffs, replaces) => {
    expect(diffConfig(olds, news)).toEqual({ diffs, replaces });
  });

  test('ignores secret wrappers', () => {
    expect(diffConfig({ kubeconfig: secret(one) }, { kubeconfig: one })).toEqual({ diffs: [], replaces: [] });
  });
});

describe('readProviderConfig', () => {
  test('enables server-side apply by default, and nothing else', () => {
    expect(readProviderConfig({})).toEqual({
      kubeconfig: undefined,
      serverSideApply: true,
      upsertExistingObjects: false,
      mutable: { secret: false, configMap: false },
      patchForce: false,
      deleteUnreachable: false,
    });
  });

  test('parses the strings that the SDK sends', () => {
    const variables = {
      'kubernetes:config:enableServerSideApply': 'false',
      'kubernetes:config:upsertExistingObjects': 'true',
    };
    expect(readProviderConfig(variables)).toMatchObject({ serverSideApply: false, upsertExistingObjects: true });
  });
});
