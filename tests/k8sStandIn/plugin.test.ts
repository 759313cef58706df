import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { version } from '@pulumi/kubernetes/package.json';
import type { PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import { label, providerServer } from '../../lab/plugins/kubernetes/main';
import { formatPath } from '../../lab/plugins/provider/wire';
import { KubernetesStandIn } from '../../lab/plugins/kubernetes/standIn';

describe('pulumi-resource-kubernetes in the lab', () => {
  test('reports the version of its SDK, labelled as a stand-in', () => {
    expect(version).toBe('4.34.2');
    expect(label).toBe('4.34.2+lab-stand-in');
    let reported = '';
    const { getPluginInfo } = providerServer(new KubernetesStandIn());
    getPluginInfo?.({} as never, (_error, info) => (reported = (info as PluginInfo).getVersion()));
    expect(reported).toBe(label);
  });

  test('is an executable with the name that the engine looks up', () => {
    const file = join(__dirname, '../../lab/plugins/kubernetes/pulumi-resource-kubernetes');
    expect(() => accessSync(file, constants.X_OK)).not.toThrow();
  });

  test("formats paths in the engine's notation", () => {
    expect(formatPath(['metadata', 'annotations', 'a.b/c'])).toBe('metadata.annotations["a.b/c"]');
  });
});
