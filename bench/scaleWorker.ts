import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { defineCluster } from '../cluster/defineCluster';
import { stackFileName } from '../cluster/names';
import { withSecretsSet } from '../cluster/stackConfig';
import { readStackFile } from '../cluster/stackFile';
import { readClusterSettings } from '../gitops/clusterSettings';
import { readListedSystems } from '../gitops/listedSystems';
import { clusterStack } from '../stacks/cluster';
import { otherClusters } from '../cluster/readClusters';

const project = 'k8s-gitops';
const secrets = { connectToken: 'read', connectWriteToken: 'write', cloudflareApiToken: 'cloudflare' };

/** Reads and checks a cluster and all others, as the program does first. */
function define(root: string, stack: string): unknown {
  return defineCluster({
    stack,
    project,
    config: withSecretsSet(readStackFile(join(root, stackFileName(stack)), project)),
    settings: readClusterSettings(root, stack),
    systems: readListedSystems(root, stack),
    others: otherClusters(stack, { root, project: root, projectName: project }),
  });
}

/** Runs the program in a preview of a new stack, with an engine that records nothing. Returns the number of resources. */
async function preview(root: string, stack: string): Promise<number> {
  let resources = 0;
  const mocks = {
    newResource: ({ name }: pulumi.runtime.MockResourceArgs) => {
      resources += 1;
      return { id: name, state: {} };
    },
    call: ({ token, inputs }: { token: string; inputs: Record<string, unknown> }) => ({
      ...inputs,
      results: found(token, inputs),
    }),
  };
  await pulumi.runtime.setMocks(mocks, project, stack, true);
  const { values } = readStackFile(join(root, stackFileName(stack)), project);
  const config = Object.entries({ ...values, ...secrets }).map(([key, value]) => [
    `${project}:${key}`,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const secretKeys = Object.keys(secrets).map((key) => `${project}:${key}`);
  pulumi.runtime.setAllConfig(Object.fromEntries(config) as Record<string, string>, secretKeys);
  await clusterStack(stack, { root });
  // All resources are registered when the last call has returned.
  await pulumi.runtime.disconnect();
  return resources;
}

/** What Cloudflare's lists contain: the one account or zone with that name, or the permissions that exist. */
function found(token: string, { name }: Record<string, unknown>): object[] {
  if (!token.endsWith(':getApiTokenPermissionGroupsList')) return [{ id: 'id', name }];
  const scopes = ['com.cloudflare.api.account.zone'];
  return ['DNS Write', 'Zone Read'].map((group) => ({ id: group, name: group, scopes }));
}

/**
 * `node --import tsx bench/scaleWorker.ts define|preview <root> <stack>`: prints the seconds of one run, without loading
 * modules, and this process's peak memory in MiB. A process of its own, so that peaks do not add up.
 */
async function main([what = '', root = '', stack = '']: readonly string[]): Promise<void> {
  const start = process.hrtime.bigint();
  const result = what === 'define' ? define(root, stack) : await preview(root, stack);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0);
  const resources = typeof result === 'number' ? result : undefined;
  process.stdout.write(JSON.stringify({ seconds, mebibytes: Math.round(peak / 1024), resources }));
}

void main(process.argv.slice(2));
