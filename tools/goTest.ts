import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import execa from 'execa';
import { goEnvironment } from './cacheFolder';
import { noArguments, reportOutputErrors } from './commandLine';
import { tools, type ToolSpec } from './manifest';

interface TestEvent {
  readonly Action: string;
  readonly Package?: string;
  readonly Test?: string;
  readonly Output?: string;
}

/** Runs `go test` in one of our own modules, prints what failed, and counts. */
async function testModule(folder: string): Promise<{ passed: number; failed: number; skipped: number }> {
  const child = execa('go', ['test', '-json', './...'], {
    cwd: folder,
    env: goEnvironment(),
    extendEnv: false,
    stdio: ['ignore', 'pipe', 'inherit'],
    buffer: false,
  });
  const outputs = new Map<string, string[]>();
  const count = { passed: 0, failed: 0, skipped: 0 };
  const onLine = (line: string): void => {
    if (!line.startsWith('{')) {
      process.stdout.write(`${line}\n`);
      return;
    }
    const event = JSON.parse(line) as TestEvent;
    const key = `${event.Package ?? ''} ${event.Test ?? ''}`;
    if (event.Action === 'output' || event.Action === 'build-output') {
      outputs.set(key, [...(outputs.get(key) ?? []), event.Output ?? '']);
    }
    if (event.Action === 'build-output') process.stdout.write(event.Output ?? '');
    if (event.Action === 'pass' && event.Test) count.passed++;
    if (event.Action === 'skip' && event.Test) {
      count.skipped++;
      process.stdout.write(`SKIP ${key}\n${(outputs.get(key) ?? []).join('')}`);
    }
    if (event.Action === 'fail') {
      if (event.Test) count.failed++;
      process.stdout.write(`FAIL ${key}\n${(outputs.get(key) ?? []).join('')}`);
    }
  };
  const lines = createInterface({ input: child.stdout as Readable }).on('line', onLine);
  let exitedWithError = false;
  const allRead = once(lines, 'close');
  await child.catch((error: execa.ExecaError & { code?: string }) => {
    if (error.code === 'ENOENT') throw error;
    exitedWithError = true;
  });
  // The process may exit before its last lines are read.
  await allRead;
  // A package that does not compile fails without a failed test.
  if (exitedWithError && count.failed === 0) count.failed = 1;
  return count;
}

/** `npm run test:go`: the tests of the Go programs that are ours. */
async function main(args: readonly string[]): Promise<number> {
  const ended = noArguments('test:go', 'Runs the tests of the Go programs in tools/.', args);
  if (ended !== undefined) return ended;
  const own = (Object.values(tools) as ToolSpec[]).filter((spec) => spec.standIn || spec.own);
  const modules = new Set(own.map((spec) => spec.module));
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const module of modules) {
    const count = await testModule(join(__dirname, module));
    passed += count.passed;
    failed += count.failed;
    skipped += count.skipped;
  }
  process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

reportOutputErrors('test:go', 1);
void main(process.argv.slice(2)).then((code) => process.exit(code));
