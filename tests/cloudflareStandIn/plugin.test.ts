import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { version } from '@pulumi/cloudflare/package.json';
import type { PluginInfo } from '@pulumi/pulumi/proto/plugin_pb';
import { DiffRequest, type DiffResponse } from '@pulumi/pulumi/proto/provider_pb';
import { Struct } from 'google-protobuf/google/protobuf/struct_pb';
import { label, providerServer } from '../../lab/plugins/cloudflare/main';
import { CloudflareStandIn } from '../../lab/plugins/cloudflare/standIn';

describe('pulumi-resource-cloudflare in the lab', () => {
  test('reports the version of its SDK, labelled as a stand-in', () => {
    expect(version).toBe('6.22.1');
    expect(label).toBe('6.22.1+lab-stand-in');
    let reported = '';
    const { getPluginInfo } = providerServer(new CloudflareStandIn());
    getPluginInfo?.({} as never, (_error, info) => (reported = (info as PluginInfo).getVersion()));
    expect(reported).toBe(label);
  });

  test('is an executable with the name that the engine looks up', () => {
    const file = join(__dirname, '../../lab/plugins/cloudflare/pulumi-resource-cloudflare');
    expect(() => accessSync(file, constants.X_OK)).not.toThrow();
  });

  test('a new token updates the provider and replaces nothing', async () => {
    const { diffConfig } = providerServer(new CloudflareStandIn());
    const request = new DiffRequest()
      .setOlds(Struct.fromJavaScript({ apiToken: 'one', version: '1' }))
      .setNews(Struct.fromJavaScript({ apiToken: 'two', version: '2' }));
    const response = await new Promise<DiffResponse>((resolve) =>
      diffConfig?.({ request } as never, (_error, answer) => resolve(answer as DiffResponse)),
    );
    expect([response.getDiffsList(), response.getReplacesList()]).toEqual([['apiToken'], []]);
  });
});
