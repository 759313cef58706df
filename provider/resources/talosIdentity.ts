import * as z from 'zod';
import { identityExpiry, issueAdminIdentity } from '../../clients/talos/clientCertificate';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import type { Implementation } from '../engine/implementation';
import type { TalosIdentityInputs } from './inputs';
import { nonEmpty } from './inputSchemas';

/** State of the identity. */
export interface TalosIdentityState extends TalosIdentityInputs {
  clientConfiguration: TalosClientConfiguration;
}

const schema: z.ZodType<TalosIdentityInputs> = z.object({
  certificateAuthority: z.object({ cert: nonEmpty, key: nonEmpty }),
});

/** The last days of a certificate, in which an `up` issues the next. */
export const renewalDays = 30;

/** An administrator's identity for the Talos API, issued by the machine CA, and again before it expires. */
export const talosIdentity: Implementation<TalosIdentityInputs, TalosIdentityState> = {
  schema,
  connectionInputs: [],
  updateTriggers: ['certificateAuthority'],
  secretProperties: ['certificateAuthority', 'clientConfiguration'],
  create: async (inputs) => ({ id: 'admin', outputs: await issue(inputs) }),
  update: (_state, inputs) => issue(inputs),
  inspect: ({ clientConfiguration }) => {
    const expiry = identityExpiry(clientConfiguration);
    return Promise.resolve(expiry === undefined || expiry.getTime() - Date.now() < renewalDays * 86_400_000);
  },
};

async function issue(inputs: TalosIdentityInputs): Promise<TalosIdentityState> {
  return { ...inputs, clientConfiguration: await issueAdminIdentity(inputs.certificateAuthority) };
}
