import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock } from '../../../tools/processLock';

/**
 * Takes the lock `rounds` times in competition with others, and leaves it each time as a killed process would: held by
 * a process that does not exist. Prints how often it held the lock while another process did.
 */
async function contend(file: string, rounds: number): Promise<number> {
  const witness = `${file}-witness`;
  let violations = 0;
  for (let round = 0; round < rounds;) {
    if (!tryLock(file)) {
      await sleep(1);
      continue;
    }
    round++;
    try {
      closeSync(openSync(witness, 'wx'));
    } catch {
      violations++;
    }
    await sleep(1);
    rmSync(witness, { force: true });
    const dead = `${file}-dead-${process.pid}`;
    writeFileSync(dead, JSON.stringify({ pid: 2 ** 22 + 1, startTime: `${process.pid}-${round}` }));
    renameSync(dead, file);
  }
  return violations;
}

const [file = '', rounds = ''] = process.argv.slice(2);
void contend(file, Number(rounds)).then((violations) => process.stdout.write(String(violations)));
