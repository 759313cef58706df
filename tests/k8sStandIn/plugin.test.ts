import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { version } from '@pulumi/kubernetes/package.json';
import type { PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import { label, providerServer } from '../../lab/plugins/kubernetes/main';
import { showPath } from '../../lab/plugins/provider/wire';
import { KubernetesStandIn } from '../../lab/plugins/kubernetes/standIn';

describe('pulumi-resource-kubernetes in the lab', () => {
  test('has the version of the SDK it serves and says what it is', () => {
    expect(version).toBe('4.34.2');
    expect(label).toBe('4.34.2+lab-stand-in');
    let answered = '';
    const { getPluginInfo } = providerServer(new KubernetesStandIn());
    getPluginInfo?.({} as never, (_error, info) => (answered = (info as PluginInfo).getVersion()));
    expect(answered).toBe(label);
  });

  test('is an executable of the name the engine looks for', () => {
    const file = join(__dirname, '../../lab/plugins/kubernetes/pulumi-resource-kubernetes');
    expect(() => accessSync(file, constants.X_OK)).not.toThrow();
  });

  test('writes paths as the engine reads them', () => {
    expect(showPath(['metadata', 'annotations', 'a.b/c'])).toBe('metadata.annotations["a.b/c"]');
  });
});
