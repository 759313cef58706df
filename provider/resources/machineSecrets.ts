import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { fieldValue, managedMarks, withManagedFields } from '../../clients/onepassword/managedFields';
import { issueAdminIdentity } from '../../clients/talos/clientCertificate';
import { talosPort } from '../../clients/talos/client';
import {
  formatSecretsFile,
  type MachineSecrets,
  machineSecretsSchema,
  parseSecretsFile,
} from '../../clients/talos/secretsBundle';
import { UserError } from '../../clients/userError';
import { resetCommand } from '../../cluster/talos/commands';
import type { Implementation, Operation } from '../engine/implementation';
import { probeMachine } from '../machines/probeMachine';
import { describeTarget, type MachineTarget } from '../machines/target';
import type { MachineSecretsInputs } from './inputs';
import { nonEmpty, vaultLocation } from './inputSchemas';
import { copyFields, isMove, locationInputs, removeFromOldPlace } from './vaultMove';
import { withVault, type OpenVault } from './withVault';

/** State of the secrets. `stale` is set by a refresh that did not find them in the vault: the next update restores them. */
export interface MachineSecretsState {
  connectHost: string;
  connectToken: string;
  vault: string;
  title: string;
  field: string;
  machineSecrets: MachineSecrets;
  /** The Talos version when the cluster was made, which the format of its machine configurations follows. */
  talosVersion: string;
  /** ISO 8601: when they were stored in the vault, or first read from it. */
  madeAt: string;
  stale?: boolean;
}

const schema: z.ZodType<MachineSecretsInputs> = z.object({
  ...vaultLocation,
  title: nonEmpty,
  field: nonEmpty,
  generated: machineSecretsSchema,
  talosVersion: nonEmpty,
  machines: z.array(z.object({ name: nonEmpty, node: nonEmpty, endpoint: nonEmpty })),
});

/**
 * A cluster's machine secrets, in the vault before any machine gets them. Those in the vault count; without any, the generated
 * ones are stored there. Once in the state they never change.
 */
export const machineSecrets: Implementation<MachineSecretsInputs, MachineSecretsState> = {
  schema,
  connectionInputs: ['connectToken'],
  updateTriggers: locationInputs,
  secretProperties: ['connectToken', 'generated', 'machineSecrets'],
  create: async (inputs, operation) => {
    const stored = await withVault(inputs, operation, (open) => readSecrets(open, inputs));
    await refuseOtherClusters(inputs, stored?.secrets, operation);
    const cluster = {
      machineSecrets: stored?.secrets ?? inputs.generated,
      talosVersion: stored?.talosVersion ?? inputs.talosVersion,
      madeAt: stored?.madeAt ?? new Date().toISOString(),
    };
    if (stored === undefined) await store(inputs, cluster, operation);
    else operation.progress.info(`took ${place(inputs)}`);
    return { id: inputs.title, outputs: { ...locationOf(inputs), ...cluster } };
  },
  update: async (state, inputs, operation) => {
    const { machineSecrets: secrets, talosVersion, madeAt } = state;
    const cluster = { machineSecrets: secrets, talosVersion, madeAt };
    if (isMove(state, inputs)) {
      const values = Object.entries(valuesOf(inputs, cluster)).map(
        ([label, value]) => [label, { value, at: madeAt }] as const,
      );
      await copyFields(state, inputs, Object.fromEntries(values), operation);
    }
    const stored = await withVault(inputs, operation, (open) => readSecrets(open, inputs));
    if (stored === undefined) await store(inputs, cluster, operation);
    else if (!isDeepStrictEqual(stored.secrets, secrets)) {
      throw new UserError(
        `${place(inputs)} are not those of this cluster, which are in the stack's state; remove the field, and the next ` +
          'run stores them there again',
      );
    }
    if (isMove(state, inputs)) await removeFromOldPlace(state, inputs, [inputs.field, versionField], operation);
    return { ...locationOf(inputs), ...cluster };
  },
  read: (state, operation) =>
    withVault(state, operation, async (open) => {
      const stored = await readSecrets(open, state);
      return isDeepStrictEqual(stored?.secrets, state.machineSecrets) ? state : { ...state, stale: true };
    }),
};

/** The field next to the secrets with the Talos version at which the cluster was made. */
const versionField = 'talos-version';

type Cluster = Pick<MachineSecretsState, 'machineSecrets' | 'talosVersion' | 'madeAt'>;
type Place = Pick<MachineSecretsInputs, 'vault' | 'title' | 'field'>;

function place({ vault, title, field }: Place): string {
  return `the machine secrets in field ${field} of item ${title} in vault ${vault}`;
}

function locationOf({ connectHost, connectToken, vault, title, field }: MachineSecretsInputs) {
  return { connectHost, connectToken, vault, title, field };
}

async function readSecrets(
  open: OpenVault,
  where: Place,
): Promise<{ secrets: MachineSecrets; talosVersion: string | undefined; madeAt: string } | undefined> {
  const item = await open.find(where.title);
  const file = item && fieldValue(item, where.field);
  if (item === undefined || file === undefined) return undefined;
  const secrets = parseSecretsFile(file);
  if ('problem' in secrets) {
    const { vault, title, field } = where;
    throw new UserError(`field ${field} of item ${title} in vault ${vault} ${secrets.problem}; see docs/recover.md`);
  }
  const madeAt = managedMarks(item)[where.field]?.at ?? item.createdAt;
  return { secrets, talosVersion: fieldValue(item, versionField), madeAt };
}

function valuesOf({ field }: Place, { machineSecrets: secrets, talosVersion }: Cluster): Record<string, string> {
  return { [field]: formatSecretsFile(secrets), [versionField]: talosVersion };
}

async function store(inputs: MachineSecretsInputs, cluster: Cluster, operation: Operation): Promise<void> {
  const { title, field } = inputs;
  await withVault(inputs, operation, async (open) => {
    const item = await open.find(title);
    // Another process was faster: theirs are not overwritten, and the next run decides between the two.
    if (item !== undefined && fieldValue(item, field) !== undefined) {
      throw new UserError(`${place(inputs)} were stored by another process at the same time; run again`);
    }
    const fields = withManagedFields(item ?? {}, valuesOf(inputs, cluster), { at: cluster.madeAt });
    await (item === undefined ? open.create(title, fields) : open.replace(item, fields));
  });
  operation.progress.info(`stored ${place(inputs)}`);
}

/**
 * Throws if a machine belongs to a cluster whose secrets these are not: with them the program could never talk to it, and the
 * cluster's own may be lost. A machine that does not answer is not counted.
 */
export async function refuseOtherClusters(
  inputs: MachineSecretsInputs,
  stored: MachineSecrets | undefined,
  { progress }: Pick<Operation, 'progress'>,
  port = talosPort,
): Promise<void> {
  progress.status('asking the machines whether they belong to a cluster');
  const strangers = await strangersTo(stored ?? inputs.generated, inputs.machines, port);
  if (strangers.length === 0) return;
  const who = strangers.map(describeTarget).join(', ');
  const reset = `or reset them with their own talosconfig: ${strangers.map(({ node }) => resetCommand(node)).join('; ')}`;
  if (stored === undefined) {
    throw new UserError(
      `these machines belong to a cluster, and its secrets are neither in the stack's state nor in field ${inputs.field} of ` +
        `item ${inputs.title} in vault ${inputs.vault}: ${who}. Nothing was changed. Restore the state ` +
        `(pulumi stack import), or put the cluster's secrets.yaml into that field (docs/recover.md), ${reset}`,
    );
  }
  const others = await strangersTo(inputs.generated, strangers, port);
  if (others.length < strangers.length) {
    throw new UserError(
      `${place(inputs)} are not those of the machines, but those in the stack's state are: ${who}. Nothing was changed. ` +
        'Remove the field, and the next run stores those of the state',
    );
  }
  throw new UserError(
    `these machines belong to another cluster, which does not have ${place(inputs)}: ${who}. Nothing was changed. Correct ` +
      `their addresses in the stack's nodes, ${reset}`,
  );
}

async function strangersTo(
  secrets: MachineSecrets,
  machines: readonly MachineTarget[],
  port: number,
): Promise<MachineTarget[]> {
  if (machines.length === 0) return [];
  const identity = await issueAdminIdentity(secrets.certs.os);
  const found = await Promise.all(machines.map((machine) => probeMachine(machine, identity, { port })));
  return machines.filter((_, index) => found[index]?.state === 'other-cluster');
}
