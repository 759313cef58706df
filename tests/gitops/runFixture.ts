import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { checkTree } from '../../cli/validate/checkTree';
import { plain } from '../../cli/validate/print';
import { asLines, fixtureDay, listFixtures, loadFixture } from './fixtures';

/**
 * `npx tsx tests/gitops/runFixture.ts [name…]` prints the actual findings of the named fixtures, or of all fixtures.
 * FLUX_RENDER overrides the path of the renderer.
 */
async function main(names: readonly string[]): Promise<void> {
  const wanted = new Set(names.map((name) => basename(name)));
  const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-fixture-'));
  try {
    for (const fixture of listFixtures()) {
      if (wanted.size > 0 && !wanted.has(basename(fixture.name))) continue;
      try {
        const tree = await loadFixture(fixture, join(folder, fixture.name), process.env.FLUX_RENDER || undefined);
        const result = { ...checkTree(tree, { today: fixtureDay }), seconds: 0 };
        const same =
          JSON.stringify(asLines(result.findings, fixture.findings)) ===
          JSON.stringify(asLines(fixture.findings, fixture.findings));
        console.log(`== ${fixture.name}: ${same ? 'as expected' : 'NOT as expected'}`);
        if (!same || wanted.size > 0) console.log(plain(result, true));
      } catch (error) {
        console.log(`== ${fixture.name}: ${(error as Error).message}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main(process.argv.slice(2));
