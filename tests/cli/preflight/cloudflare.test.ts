import { failed } from '../../../cli/preflight/checkResult';
import { adviseCloudflare } from '../../../cli/preflight/runPreflight';
import { fieldsOf } from '../../../cluster/onePasswordFields';

const missing = (title: string) => failed({ id: `item:${title}`, what: title }, 'is missing', 'create it');

test('a cluster without Cloudflare hears what makes the items that its manifests read', () => {
  const results = [missing('kubernetes/east/cloudflared'), missing('kubernetes/east/other')];
  expect(adviseCloudflare({ name: 'east' }, results).map(({ fix }) => fix)).toEqual([
    "create it; or add cloudflare to Pulumi.east.yaml, which makes it, or take what reads it out of the cluster's folder",
    'create it',
  ]);
  const cloudflare = { account: 'Example', ownsZone: true };
  expect(adviseCloudflare({ name: 'east', cloudflare }, results)).toEqual(results);
});

test('the program manages no item of Cloudflare without that section', () => {
  const titles = (more: object) =>
    fieldsOf({ name: 'east', generated: [], authorities: [], writersOfOthers: [], ...more }).map(({ title }) => title);
  const all = titles({ cloudflare: { account: 'Example', ownsZone: true } });
  expect(all.filter((title) => !titles({}).includes(title))).toEqual([
    'kubernetes/east/cloudflare-tunnel',
    'kubernetes/east/cloudflared',
    'kubernetes/east/cert-manager',
    'kubernetes/east/external-dns-cloudflare',
  ]);
});
