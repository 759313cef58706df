import * as path from 'node:path';
import { listStacks } from '../../cluster/stackFile';
import { hasCommit, type Checkout } from './checkout';
import { earlierLab } from './earlierLab';

const minute = 60_000;
/**
 * An earlier program whose state files are in use: upgrading its stacks to the current program must not replace anything.
 * Advance it when its aliases are dropped (provider/resources/tokens.ts, and `aliases` in components/); from then on its
 * `up --world` is `up --services`.
 */
const earlierProgram = 'e650202f40b769f2330852fce0fc534a935800e2';
// That program's owner of the zone, which has every kind of resource.
const stack = 'infra';
const isHere = hasCommit(earlierProgram) && listStacks(path.resolve(__dirname, '..', '..')).includes(stack);
const pulumi = ['--non-interactive', '--stack', stack];

// Skipped (and reported as skipped) only in a clone without that commit, such as a shallow one, and without that stack.
(isHere ? describe : describe.skip)('a stack of an earlier program', () => {
  let checkout: Checkout;

  beforeAll(async () => {
    checkout = await earlierLab(earlierProgram, async (earlier) => {
      await earlier.must('up', '--world');
      await earlier.must('pulumi', 'up', '--yes', '--skip-preview', ...pulumi);
    });
    checkout.update();
    await checkout.must('up', '--services');
  }, 90 * minute);

  afterAll(() => checkout.remove(), 5 * minute);

  const urns = async (): Promise<string[]> => (await checkout.resources(stack)).map(({ urn }) => urn);
  const tunnelId = async (): Promise<string | undefined> =>
    (await checkout.resources(stack)).find(({ type }) => /zeroTrustTunnelCloudflared|platform:index:Tunnel$/.test(type))
      ?.id;
  const former = /:Vault|bootstrap:Roots|cloudflare:Edge|zeroTrustTunnelCloudflared|-anchor$/;

  test(
    'is updated in place by the current program, has the current names afterwards, and then no changes',
    async () => {
      expect((await urns()).filter((urn) => former.test(urn))).not.toEqual([]);
      const tunnel = await tunnelId();
      const output = await checkout.must('pulumi', 'up', '--yes', '--skip-preview', ...pulumi);
      // Created: the time of the first machine, what rolls changes (the nodes, versions of three machines and of Kubernetes,
      // their component), the machine secrets in the vault with an identity of their own, and what systems
      // need: two CAs with their components, and the fields of the vault that observability (eight), databases and the cache (four),
      // Harbor (four) and Keycloak (four) read. Updated: the configurations of
      // three machines, which get the address of DNS and the volume of OpenEBS; the Kubernetes provider's new option, the
      // tunnel's new type; and the new identity in the bootstrap, the kubeconfig and the stored talosconfig.
      expect(output).toMatch(/^Resources:\n +\+ 33 created\n +~ 8 updated\n +41 changes\. \d+ unchanged$/m);
      expect((await urns()).filter((urn) => former.test(urn))).toEqual([]);
      expect(await tunnelId()).toBe(tunnel);
      await checkout.must('pulumi', 'up', '--yes', '--skip-preview', '--expect-no-changes', ...pulumi);
    },
    20 * minute,
  );
});
