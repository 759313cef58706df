import { setTimeout as sleep } from 'node:timers/promises';
import { startDisplay } from '../../../tools/display/display';

/** A short run for the test on a real terminal. */
async function main(): Promise<void> {
  const display = startDisplay({ title: 'demo', estimates: 'demo', stream: process.stderr });
  display.step({ id: 'second' });
  display.step({ id: 'first', state: 'running', detail: 'waiting for 27: '.repeat(20) });
  await sleep(600);
  display.log('a line');
  display.step({ id: 'first', state: 'done', detail: '2 of 2' });
  display.step({ id: 'second', state: 'running' });
  await sleep(300);
  display.step({ id: 'second', detail: 'log: x' });
  display.end('failed');
  process.stderr.write('error: message\n');
}

void main();
