import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { platformDoc, platformDocFile } from '../../cli/platformDoc';
import { loadTree } from '../../cli/validate/loadTree';

const root = join(__dirname, '..', '..');

test('docs/platform.md says what the tree says; `npm run docs` writes it', async () => {
  expect(readFileSync(join(root, platformDocFile), 'utf8')).toBe(platformDoc(await loadTree({ root })));
}, 300_000);
