import * as fs from 'node:fs';
import * as path from 'node:path';
import { writePrivate } from './files';
import type { LinkHints } from './machines/links';
import { choosePort } from './ports';

/** A node of a cluster: `address` as in the stack file (10.25.11.11), `endpoint` on loopback (127.25.11.11). */
export interface LabNode {
  name: string;
  role: 'controlplane' | 'worker';
  address: string;
  endpoint: string;
  /** What the stack says about the machine's network hardware. */
  links: LinkHints;
}

/** A cluster of the lab, named like its stack; control planes first, otherwise in the order of the stack file. */
export interface LabCluster {
  name: string;
  nodes: LabNode[];
  /** The cluster's settings (`cluster-settings.yaml`); all values are strings. */
  settings: Record<string, string>;
  /** The Cloudflare account of the stack; absent if the stack file has none. */
  cloudflareAccount?: string;
  /** The nodes' name servers; absent if the stack file has none. */
  nameservers?: string[];
}

/** Generated once per lab, stored in `.lab/secrets.json` (0600). */
export interface LabSecrets {
  /** Read-only Connect token: seeded into clusters. */
  connectReadToken: string;
  /** Connect token with write access: for the program only. */
  connectWriteToken: string;
  /** Cloudflare API token with the permissions that the program needs. */
  cloudflareApiToken: string;
  pulumiPassphrase: string;
}

/** Which Pulumi plugins the lab uses: its stand-ins, or the official ones that the CLI finds. */
export type PluginChoice = 'standin' | 'official';

/** Options of {@link createLabContext}. */
export interface LabContextOptions {
  /** Absolute path of the checkout. */
  root: string;
  /** First two octets of node endpoints, for example "127.25". */
  prefix: string;
  /** Ports assigned earlier in this lab, by name. */
  ports: Record<string, number>;
  /** Absolute paths of tool binaries, by tool name. */
  tools: Record<string, string>;
  clusters: LabCluster[];
  secrets: LabSecrets;
  ha: boolean;
  plugins: PluginChoice;
  /** Returns the folder of a pinned Go module. */
  moduleDir: (modulePath: string) => string;
  /** Called after each newly assigned port, to save the state. */
  onPort?: (ports: Record<string, number>) => void;
}

/** What the definitions of the lab's processes are built from. */
export interface LabContext {
  /** Absolute path of the checkout. */
  readonly root: string;
  /** `<root>/.lab`. */
  readonly dir: string;
  readonly prefix: string;
  /** Ports assigned so far, by name. */
  readonly ports: Readonly<Record<string, number>>;
  readonly tools: Readonly<Record<string, string>>;
  readonly clusters: readonly LabCluster[];
  readonly secrets: LabSecrets;
  /** Whether every control plane runs an API server. */
  readonly ha: boolean;
  readonly plugins: PluginChoice;
  /** The port of that name on 127.0.0.1: a free one at the first call, the same from then on in this lab. */
  port(name: string): number;
  /** Absolute path of a tool's binary. Throws if the tool was not prepared. */
  tool(name: string): string;
  /** Absolute path under `.lab`; creates the parent folders. */
  path(...segments: string[]): string;
  /** Writes the JSON configuration of a process to `.lab/config/<name>.json` (0600) and returns its path. */
  writeConfig(name: string, config: unknown): string;
  /** Folder of a pinned Go module, for example 'github.com/cilium/cilium'. Throws if it is not pinned. */
  moduleDir(modulePath: string): string;
  /** Command that runs a TypeScript file in Node; `file` is relative to the checkout. */
  node(file: string, ...args: string[]): string[];
}

/** Creates the context of a lab. Starts and writes nothing by itself. */
export function createLabContext(options: LabContextOptions): LabContext {
  const { root, prefix, tools, clusters, secrets, ha, plugins, moduleDir } = options;
  const dir = path.join(root, '.lab');
  const ports: Record<string, number> = { ...options.ports };
  const inLab = (...segments: string[]): string => {
    const file = path.join(dir, ...segments);
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    return file;
  };
  return {
    root,
    dir,
    prefix,
    ports,
    tools,
    clusters,
    secrets,
    ha,
    plugins,
    moduleDir,
    path: inLab,
    port(name) {
      const known = ports[name];
      if (known !== undefined) return known;
      const port = choosePort(dir, new Set(Object.values(ports)));
      ports[name] = port;
      options.onPort?.({ ...ports });
      return port;
    },
    tool(name) {
      const binary = tools[name];
      if (binary === undefined)
        throw new Error(`lab: the tool "${name}" was not prepared; add it to tools/manifest.ts`);
      return binary;
    },
    writeConfig(name, config) {
      const file = inLab('config', `${name}.json`);
      writePrivate(file, `${JSON.stringify(config, undefined, 2)}\n`);
      return file;
    },
    node(file, ...args) {
      return [process.execPath, path.join(root, 'bin', 'run.js'), path.join(root, file), ...args];
    },
  };
}
