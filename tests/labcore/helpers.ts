import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { LabProcess } from '../../lab/executor/process';

/** A folder that is deleted after the tests of the file. */
export function temporaryDir(): string {
  const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'labcore-')));
  afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** What each test of the file, or of the `describe` block, writes to stdout and stderr. */
export function capturedOutput(): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  beforeEach(() => {
    for (const stream of ['stdout', 'stderr'] as const) {
      output[stream] = '';
      jest.spyOn(process[stream], 'write').mockImplementation((text) => ((output[stream] += String(text)), true));
    }
  });
  afterEach(() => jest.restoreAllMocks());
  return output;
}

/** A process that runs a shell script and is ready when it prints "ready". */
export function shellProcess(name: string, script: string, extra: Partial<LabProcess> = {}): LabProcess {
  return {
    name,
    version: '1',
    real: true,
    needs: [],
    command: ['/bin/sh', '-c', script],
    ready: { kind: 'log', text: 'ready', timeoutSeconds: 5 },
    ...extra,
  };
}
