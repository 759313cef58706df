import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A fake renderer: writes its request to `<folder>/request.json` and then runs the given JavaScript, which can use
 * `request` and `answer(value)`.
 */
export function fakeRenderer(script: string): { binary: string; folder: string; request: string } {
  const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-renderer-'));
  const binary = join(folder, 'renderer');
  const request = join(folder, 'request.json');
  const text = `#!/usr/bin/env node
const text = require('fs').readFileSync(0, 'utf8');
require('fs').writeFileSync(${JSON.stringify(request)}, text);
const request = JSON.parse(text);
const answer = (value) => process.stdout.write(JSON.stringify(value));
${script}
`;
  writeFileSync(binary, text);
  chmodSync(binary, 0o755);
  return { binary, folder, request };
}
