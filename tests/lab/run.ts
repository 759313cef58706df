import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { campaignVariable, sampledFiles } from './campaign';

// `npm run test:lab`: with arguments, jest with these; without, what always runs and this commit's sample of the rest.
const root = path.resolve(__dirname, '..', '..');
const given = process.argv.slice(2);
const { run, left } = sampledFiles();
if (given.length === 0 && left.length > 0) {
  process.stdout.write(`not in this commit's sample (${campaignVariable}=full runs all): ${left.join(', ')}\n`);
}
const files = given.length > 0 ? given : run.map((name) => `tests/lab/${name}.test.ts`);
const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const args = [jest, ...files, '--runInBand', '--selectProjects', 'lab'];
process.exitCode = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
