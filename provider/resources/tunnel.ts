import * as z from 'zod';
import { Tunnels } from '../../clients/cloudflare/tunnels';
import { UserError } from '../../clients/userError';
import type { Implementation, Operation } from '../engine/implementation';
import type { TunnelInputs } from './inputs';
import { nonEmpty } from './inputSchemas';

const schema: z.ZodType<TunnelInputs> = z.object({
  apiToken: nonEmpty,
  accountId: nonEmpty,
  name: nonEmpty,
  tunnelSecret: nonEmpty,
});

/**
 * A tunnel whose ingress Git configures. Not the Cloudflare provider's type, which has two faults: a tunnel that was created by
 * a killed run blocks every later one, because its name is taken; and one that was deleted still exists for a refresh,
 * because Cloudflare keeps deleted tunnels. States of that type are taken over by an alias (tokens.ts).
 */
export const tunnel: Implementation<TunnelInputs, TunnelInputs> = {
  schema,
  connectionInputs: ['apiToken'],
  updateTriggers: ['accountId', 'name', 'tunnelSecret'],
  secretProperties: ['apiToken', 'tunnelSecret'],
  create: (inputs, operation) =>
    withTunnels(inputs, operation, async (tunnels) => ({
      id: await createOrAdopt(tunnels, inputs, operation),
      outputs: inputs,
    })),
  exists: (state, operation) =>
    withTunnels(state, operation, async (tunnels) => (await tunnels.get(idOf(operation))) !== undefined),
  update: async (state, inputs, operation) => {
    const { name, tunnelSecret: secret } = inputs;
    if (state.accountId !== inputs.accountId) {
      throw new UserError(
        `tunnel ${state.name} is in Cloudflare account ${state.accountId}, and a tunnel cannot move to another one; ` +
          'correct cloudflare.account, or create a new tunnel: pulumi up --replace <urn of the tunnel>',
      );
    }
    const updated = await withTunnels(inputs, operation, (tunnels) =>
      tunnels.update(idOf(operation), { name, secret }),
    );
    if (updated) return inputs;
    throw new UserError(`tunnel ${name} was deleted in Cloudflare; create a new one: pulumi up --refresh`);
  },
  delete: (state, operation) => withTunnels(state, operation, (tunnels) => tunnels.remove(idOf(operation))),
};

/** A tunnel of that name is ours: an earlier run created it and was killed before it was recorded, or the state was lost. */
async function createOrAdopt(tunnels: Tunnels, inputs: TunnelInputs, { progress }: Operation): Promise<string> {
  const { name, tunnelSecret: secret } = inputs;
  const found = await tunnels.find(name);
  if (found === undefined) return tunnels.create({ name, secret });
  if (found.config_src !== 'local') {
    throw new UserError(
      `tunnel ${name} exists in Cloudflare and is configured there, so the program did not create it; rename or delete it`,
    );
  }
  await tunnels.update(found.id, { name, secret });
  progress.info(`adopted tunnel ${name} (${found.id}), which was not in the state, and sent it its secret`);
  return found.id;
}

async function withTunnels<T>(
  { apiToken, accountId }: TunnelInputs,
  { signal }: Operation,
  work: (tunnels: Tunnels) => Promise<T>,
): Promise<T> {
  const tunnels = new Tunnels(apiToken, accountId, signal, process.env.CLOUDFLARE_BASE_URL);
  try {
    return await work(tunnels);
  } finally {
    await tunnels.close();
  }
}

function idOf({ id }: Operation): string {
  if (id === undefined) throw new Error('the resource has no id yet');
  return id;
}
