import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listed } from '../tests/clients/support/fakeMachine';
import { FakeFleet } from '../tests/provider/support/fakeFleet';

/** What the process tells its parent about its machines. */
export interface FleetAnnouncement {
  port: number;
  identity: FakeFleet['identity'];
  nodes: { name: string; node: string; endpoint: string; role: 'controlplane' | 'worker' }[];
}

const fixture = join(__dirname, '../tests/fixtures/machines/lacp-with-storage-vlan');

/** A configuration as large as real ones, of the machine of that name: what the Talos library generates, without secrets. */
export function benchConfiguration(name: string): string {
  const [file = ''] = readdirSync(fixture).filter((entry) => entry.startsWith('machine-'));
  return `${readFileSync(join(fixture, file), 'utf8')}# ${name}\n`;
}

/** Serves stand-ins of machines (arguments: control planes, workers) until it is killed; prints their announcement. */
async function main([controlPlanes = '3', workers = '297']: string[]): Promise<void> {
  const names = (prefix: string, count: string) =>
    Array.from({ length: Number(count) }, (_, index) => `${prefix}${index}`);
  const fleet = await FakeFleet.start({ controlPlanes: names('cp', controlPlanes), workers: names('w', workers) });
  for (const { resources } of fleet.nodes) {
    resources['Disks.block.talos.dev'] = [
      listed('sda', { dev_path: '/dev/sda', size: 500_000_000_000, transport: 'sata' }),
    ];
    resources['LinkStatuses.net.talos.dev'] = ['eth0', 'eth1'].map((id) =>
      listed(id, { type: 'ether', driver: 'i40e' }),
    );
  }
  await fleet.install(benchConfiguration);
  const announcement: FleetAnnouncement = {
    port: fleet.port,
    identity: fleet.identity,
    nodes: fleet.nodes.map(({ target, role }) => ({ ...target, role })),
  };
  process.stdout.write(`${JSON.stringify(announcement)}\n`);
}

if (require.main === module) void main(process.argv.slice(2));
