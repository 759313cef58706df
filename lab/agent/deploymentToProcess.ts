import * as path from 'node:path';
import { expandReferences, quantity } from './containerValues';
import type { Container, Deployment, EnvVar } from './kubeTypes';

/** What the lab changes when it turns a pod into a host process. Everything else is as in the Deployment. */
export interface Replacements {
  /** The container that becomes the process. Default: the first one. */
  container?: string;
  /** Flags (without dashes) and their values in the lab; null removes the flag. Missing flags are added. */
  flags: Record<string, string | null>;
  /** Variables and their values in the lab; null removes the variable. */
  env?: Record<string, string | null>;
  /** Folder with one subfolder per volume of the pod. Paths below a mount become paths below it. */
  volumesDir: string;
  /** Loopback port of the process, by container port. */
  ports?: Record<number, number>;
}

/** A volume with content from the API, and its folder on the host. */
export interface ProcessVolume {
  kind: 'Secret' | 'ConfigMap';
  name: string;
  optional: boolean;
  dir: string;
}

/** A host process in place of the pods of a Deployment. */
export interface ProcessSpec {
  args: string[];
  env: Record<string, string>;
  /** Folders that must exist before it starts. */
  dirs: string[];
  volumes: ProcessVolume[];
  serviceAccount: string;
  /** Tag of the container's image, for example "v1.7.3". */
  imageTag: string | undefined;
  /** Loopback port by container port number and by container port name. */
  ports: Record<string, number>;
  /** What the lab cannot provide to this process; sentences for the status page. */
  gaps: string[];
}

/**
 * Translates the pod template of a Deployment to a host process: same arguments, feature gates and variables; only addresses
 * (by `replacements.flags`) and mount paths change. Pure.
 *
 * @throws Error if the Deployment does not have the container
 */
export function deploymentToProcess(deployment: Deployment, replacements: Replacements): ProcessSpec {
  const container = findContainer(deployment, replacements.container);
  const gaps: string[] = [];
  const mounts = mountsOf(deployment, container, replacements.volumesDir);
  const relocate = (value: string): string => relocatePath(value, mounts);

  const podEnv: Record<string, string> = {};
  for (const variable of container.env ?? []) {
    const value = resolveVariable(variable, podEnv, deployment, container);
    if (value === undefined)
      gaps.push(`variable ${variable.name} comes from ${sourceOf(variable)}, which the lab omits`);
    else podEnv[variable.name] = value;
  }
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(podEnv)) env[name] = relocate(value);
  for (const [name, value] of Object.entries(replacements.env ?? {})) {
    if (value === null) delete env[name];
    else env[name] = value;
  }

  const expanded = (container.args ?? []).map((argument) =>
    relocateArgument(expandReferences(argument, podEnv), relocate),
  );
  return {
    args: replaceFlags(expanded, replacements.flags),
    env,
    dirs: [...new Set(mounts.map((mount) => mount.dir))],
    volumes: volumesOf(deployment, mounts),
    serviceAccount: deployment.spec.template.spec.serviceAccountName ?? 'default',
    imageTag: tagOf(container.image),
    ports: portsOf(container, replacements.ports ?? {}),
    gaps,
  };
}

/**
 * Sets or removes flags in an argument list. Supports `--flag=value`, `--flag value` (if the value does not look like a flag)
 * and `--flag`. The first occurrence keeps its position; repetitions of a replaced flag are removed.
 */
export function replaceFlags(args: string[], flags: Record<string, string | null>): string[] {
  const result: string[] = [];
  const seen = new Set<string>();
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? '';
    const name = /^--?([A-Za-z][\w.-]*)/.exec(argument)?.[1];
    if (name === undefined || !(name in flags)) {
      result.push(argument);
      continue;
    }
    const next = args[index + 1];
    if (!argument.includes('=') && next !== undefined && !next.startsWith('-')) index++;
    const value = flags[name];
    if (!seen.has(name) && value !== null && value !== undefined) result.push(`--${name}=${value}`);
    seen.add(name);
  }
  for (const [name, value] of Object.entries(flags)) {
    if (!seen.has(name) && value !== null) result.push(`--${name}=${value}`);
  }
  return result;
}

interface Mount {
  volume: string;
  mountPath: string;
  dir: string;
}

function findContainer(deployment: Deployment, name: string | undefined): Container {
  const containers = deployment.spec.template.spec.containers;
  const found = name === undefined ? containers[0] : containers.find((container) => container.name === name);
  if (found !== undefined) return found;
  const { namespace, name: deploymentName } = deployment.metadata;
  const names = containers.map((container) => container.name).join(', ') || 'none';
  throw new Error(
    `Deployment ${namespace ?? ''}/${deploymentName} has no container "${name ?? ''}" (it has: ${names}); ` +
      'correct the container in the table in lab/agent/hostPrograms.ts',
  );
}

function mountsOf(deployment: Deployment, container: Container, volumesDir: string): Mount[] {
  const volumes = new Set((deployment.spec.template.spec.volumes ?? []).map((volume) => volume.name));
  return (container.volumeMounts ?? [])
    .filter((mount) => volumes.has(mount.name))
    .map((mount) => ({ volume: mount.name, mountPath: mount.mountPath, dir: path.join(volumesDir, mount.name) }))
    .sort((a, b) => b.mountPath.length - a.mountPath.length);
}

function volumesOf(deployment: Deployment, mounts: Mount[]): ProcessVolume[] {
  const found: ProcessVolume[] = [];
  for (const volume of deployment.spec.template.spec.volumes ?? []) {
    const dir = mounts.find((mount) => mount.volume === volume.name)?.dir;
    if (dir === undefined) continue;
    const { secret, configMap } = volume;
    if (secret) found.push({ kind: 'Secret', name: secret.secretName, optional: secret.optional ?? false, dir });
    if (configMap) found.push({ kind: 'ConfigMap', name: configMap.name, optional: configMap.optional ?? false, dir });
  }
  return found;
}

function relocateArgument(argument: string, relocate: (value: string) => string): string {
  const split = /^(--?[A-Za-z][\w.-]*=)(.*)$/s.exec(argument);
  return split === null ? relocate(argument) : `${split[1] ?? ''}${relocate(split[2] ?? '')}`;
}

function relocatePath(value: string, mounts: Mount[]): string {
  for (const { mountPath, dir } of mounts) {
    if (value === mountPath) return dir;
    if (value.startsWith(`${mountPath}/`)) return path.join(dir, value.slice(mountPath.length));
  }
  return value;
}

function resolveVariable(
  variable: EnvVar,
  earlier: Record<string, string>,
  deployment: Deployment,
  container: Container,
): string | undefined {
  const source = variable.valueFrom;
  if (source === undefined) return expandReferences(variable.value ?? '', earlier);
  if (source.fieldRef?.fieldPath === 'metadata.namespace') return deployment.metadata.namespace;
  if (source.fieldRef?.fieldPath === 'spec.serviceAccountName') return deployment.spec.template.spec.serviceAccountName;
  const limit = /^limits\.(cpu|memory)$/.exec(source.resourceFieldRef?.resource ?? '')?.[1];
  const value = limit === undefined ? undefined : container.resources?.limits?.[limit];
  // The downward API rounds up: half a CPU becomes 1.
  return value === undefined ? undefined : String(Math.ceil(quantity(value)));
}

function sourceOf({ valueFrom }: EnvVar): string {
  if (valueFrom?.fieldRef) return `the pod's field ${valueFrom.fieldRef.fieldPath}`;
  if (valueFrom?.resourceFieldRef) return `the container's ${valueFrom.resourceFieldRef.resource}`;
  if (valueFrom?.configMapKeyRef) return `ConfigMap ${valueFrom.configMapKeyRef.name}`;
  return `Secret ${valueFrom?.secretKeyRef?.name ?? '?'}`;
}

function tagOf(image: string | undefined): string | undefined {
  return /:([^:/@]+)(@.*)?$/.exec(image ?? '')?.[1];
}

function portsOf(container: Container, hostPorts: Record<number, number>): Record<string, number> {
  const ports: Record<string, number> = {};
  for (const [containerPort, hostPort] of Object.entries(hostPorts)) ports[containerPort] = hostPort;
  for (const { name, containerPort } of container.ports ?? []) {
    const hostPort = hostPorts[containerPort];
    if (name !== undefined && hostPort !== undefined) ports[name] = hostPort;
  }
  return ports;
}
