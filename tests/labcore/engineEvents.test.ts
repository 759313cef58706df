import * as fs from 'node:fs';
import * as path from 'node:path';
import type { LabContext } from '../../lab/context';
import { followEvents, followLines, type UpEvent } from '../../lab/up/engineEvents';
import { temporaryDir } from './helpers';

const root = temporaryDir();

test('lines are passed on when they are complete, also if a character arrives in two parts', () => {
  const file = path.join(root, 'lines');
  fs.writeFileSync(file, '');
  const lines: string[] = [];
  const read = followLines(file, (line) => lines.push(line));
  read();
  const bytes = Buffer.from('one\ntwö');
  fs.appendFileSync(file, bytes.subarray(0, -1));
  read();
  expect(lines).toEqual(['one']);
  fs.appendFileSync(file, bytes.subarray(-1));
  read();
  expect(lines).toEqual(['one']);
  fs.appendFileSync(file, `\n${'x'.repeat(200_000)}\nfour`);
  read();
  read();
  expect(lines).toEqual(['one', 'twö', 'x'.repeat(200_000)]);
});

test('the events of a run are read to the end, then the file is deleted', () => {
  const events: UpEvent[] = [];
  const ctx = { path: (...segments: string[]) => path.join(root, ...segments) } as LabContext;
  const log = followEvents(ctx, 'infra', (event) => events.push(event));
  const file = path.join(root, 'pulumi', 'events-infra.jsonl');
  expect(log.args).toEqual(['--event-log', file]);
  expect(log.env).toEqual({ PULUMI_DEBUG_COMMANDS: 'true' });
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  fs.appendFileSync(file, '{"sequence":0,"cancelEvent":{}}\nnot JSON\n{"sequence":1,"cancelEvent":{}}\n{"cut');
  log.close();
  expect(events).toEqual([
    { sequence: 0, cancelEvent: {} },
    { sequence: 1, cancelEvent: {} },
  ]);
  expect(fs.existsSync(file)).toBe(false);
});
