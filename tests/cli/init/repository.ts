import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { entryPointText } from '../../../cli/init/entryPoint';
import { settingsText } from '../../../cli/init/settingsFile';
import type { SettingKey } from '../../../cluster/settingTypes';
import { listClusters } from '../../../gitops/clusterSettings';
import { listStacks } from '../../../cluster/stackFile';

const source = join(__dirname, '..', '..', '..');

/** What the cluster of someone else runs, from which a fork starts: its versions and its choice of alternatives. */
const versions: [SettingKey, string][] = [
  ['CLUSTER', 'infra'],
  ['TALOS_VERSION', 'v1.11.2'],
  ['KUBERNETES_VERSION', 'v1.34.1'],
  ['CILIUM_VERSION', '1.18.3'],
  ['FLUX_VERSION', '2.7.3'],
  ['ROOK_VERSION', 'v1.18.6'],
  ['ROOK_CEPH_IMAGE_TAG', 'v19.2.3'],
];

/** A fork of this repository, as far as init looks at it, whose only cluster is `infra`. */
export class Fork {
  readonly root = mkdtempSync(join(tmpdir(), 'init-'));

  constructor() {
    const own = [...listStacks(source), ...listClusters(source)];
    const foreign = own.flatMap((name) => [`kubernetes/clusters/${name}`, `stacks/${name}.ts`]);
    for (const folder of ['kubernetes', 'stacks']) {
      cpSync(join(source, folder), join(this.root, folder), {
        recursive: true,
        filter: (path) => !foreign.includes(relative(source, path)),
      });
    }
    this.write('Pulumi.yaml', 'name: k8s-gitops\n');
    this.write('Pulumi.infra.yaml', 'config: {}\n');
    this.write('stacks/infra.ts', '');
    this.write(
      'kubernetes/clusters/infra/cluster-settings.yaml',
      settingsText('infra', undefined, new Map(versions), []),
    );
    const systems = ['core', 'certificate-issuer-cloudflare', 'gateway-external'];
    this.write('kubernetes/clusters/infra/kustomization.yaml', entryPointText(undefined, systems));
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.root, file)), { recursive: true });
    writeFileSync(join(this.root, file), text);
  }

  read(file: string): string {
    return readFileSync(join(this.root, file), 'utf8');
  }

  has(file: string): boolean {
    return existsSync(join(this.root, file));
  }

  /** What describes its clusters, by path. */
  clusterFiles(): Record<string, string> {
    const stacks = readdirSync(this.root).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
    const folders = listClusters(this.root).flatMap((name) =>
      readdirSync(join(this.root, 'kubernetes', 'clusters', name), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => `kubernetes/clusters/${name}/${file}`),
    );
    return Object.fromEntries([...stacks, ...folders].sort().map((file) => [file, this.read(file)]));
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}
