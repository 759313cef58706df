import * as fs from 'node:fs';
import * as path from 'node:path';
import { writePrivate } from './files';
import type { LinkHints } from './machines/links';
import { choosePort } from './ports';

/** One node of a cluster: `address` as in the stack file (10.25.11.11), `endpoint` where the lab serves it (127.25.11.11). */
export interface LabNode {
  name: string;
  role: 'controlplane' | 'worker';
  address: string;
  endpoint: string;
}

/** One cluster of the lab: its name is the stack's name; nodes in the order of the stack file, first control plane first. */
export interface LabCluster {
  name: string;
  nodes: LabNode[];
  /** The cluster's settings (`cluster-settings.yaml`), all strings. */
  settings: Record<string, string>;
  /** The Cloudflare account that its stack names; absent where the stack file has none. */
  cloudflareAccount?: string;
  /** The name servers that its nodes ask; absent where the stack file has none. */
  nameservers?: string[];
  /** What its stack says of the machines' network hardware; absent where the stack file has nothing of it. */
  links?: LinkHints;
}

/** Generated once for each lab, kept in `.lab/secrets.json` (0600). */
export interface LabSecrets {
  /** Connect token that only reads: seeded into clusters. */
  connectReadToken: string;
  /** Connect token that may write: for the program only. */
  connectWriteToken: string;
  /** Cloudflare API token that may do what the program needs. */
  cloudflareApiToken: string;
  pulumiPassphrase: string;
}

/** Which Pulumi plugins the lab uses: its stand-ins, or the official ones found by the CLI. */
export type PluginChoice = 'standin' | 'official';

/** What {@link createLabContext} needs to know. */
export interface LabContextOptions {
  /** The checkout, absolute. */
  root: string;
  /** First two octets of node endpoints, for example "127.25". */
  prefix: string;
  /** Ports given earlier in this lab, by name. */
  ports: Record<string, number>;
  /** Absolute paths of tool binaries, by tool name. */
  tools: Record<string, string>;
  clusters: LabCluster[];
  secrets: LabSecrets;
  ha: boolean;
  plugins: PluginChoice;
  /** Folder of a pinned Go module, by module path. */
  moduleDir: (modulePath: string) => string;
  /** Called after each newly given port, so that state can be saved. */
  onPort?: (ports: Record<string, number>) => void;
}

/** What every part builder of the lab is given. */
export interface LabContext {
  /** The checkout, absolute. */
  readonly root: string;
  /** `<root>/.lab`. */
  readonly dir: string;
  readonly prefix: string;
  /** Ports given so far, by name. */
  readonly ports: Readonly<Record<string, number>>;
  readonly tools: Readonly<Record<string, string>>;
  readonly clusters: readonly LabCluster[];
  readonly secrets: LabSecrets;
  /** API server on every control plane. */
  readonly ha: boolean;
  readonly plugins: PluginChoice;
  /** The free port of that name on 127.0.0.1: chosen at the first call, the same ever after in this lab. */
  port(name: string): number;
  /** Absolute path of a tool's binary; throws when the lab was not given it. */
  tool(name: string): string;
  /** Absolute path under `.lab`; parent folders are made. */
  path(...segments: string[]): string;
  /** Writes a part's JSON configuration, 0600, at `.lab/config/<part>.json`; returns its path. */
  writeConfig(part: string, config: unknown): string;
  /** Folder of a pinned Go module, for example 'github.com/cilium/cilium'; throws when it is not pinned. */
  moduleDir(modulePath: string): string;
  /** Command that runs a TypeScript file of the checkout (path relative to it) in Node. */
  node(file: string, ...args: string[]): string[];
}

/** Makes the context of one lab. Starts and writes nothing until asked. */
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
    writeConfig(part, config) {
      const file = inLab('config', `${part}.json`);
      writePrivate(file, `${JSON.stringify(config, undefined, 2)}\n`);
      return file;
    },
    node(file, ...args) {
      return [process.execPath, '--require', require.resolve('tsx/cjs'), path.join(root, file), ...args];
    },
  };
}
