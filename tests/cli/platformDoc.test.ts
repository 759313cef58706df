import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { platformDoc, platformDocFile } from '../../cli/platformDoc';
import { loadTree } from '../../cli/validate/loadTree';

const root = join(__dirname, '..', '..');

test('docs/platform.md is up to date; `npm run docs` regenerates it', async () => {
  expect(readFileSync(join(root, platformDocFile), 'utf8')).toBe(platformDoc(await loadTree({ root })));
}, 300_000);
