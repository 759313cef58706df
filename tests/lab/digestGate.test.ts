import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { LabResult } from '../../lab/up/raise';
import { Checkout } from './checkout';

const minute = 60_000;
const checkout = new Checkout('gate');

afterAll(() => checkout.remove(), 5 * minute);

test(
  'without the chart-digest gate the handover restarts pods, and the lab sees it',
  async () => {
    const gate = 'DisableChartDigestTracking=true';
    const files = execFileSync('grep', ['-rl', gate, 'kubernetes'], { cwd: checkout.root, encoding: 'utf8' });
    for (const file of files.trim().split('\n')) {
      const full = path.join(checkout.root, file);
      fs.writeFileSync(full, fs.readFileSync(full, 'utf8').replaceAll(gate, 'DisableChartDigestTracking=false'));
    }
    const { code, stdout, stderr } = await checkout.lab('up', '--once', '--json');
    if (code !== 0) throw new Error(stderr);
    for (const cluster of Object.values((JSON.parse(stdout) as LabResult).clusters)) {
      expect(cluster.pods.recreatedByHandover).toBeGreaterThan(0);
    }
  },
  60 * minute,
);
