import * as fs from 'node:fs';

interface EngineEvent {
  summaryEvent?: { resourceChanges?: Record<string, number> };
}

/** How many resources a run changed, from its event log: everything but "same". Undefined when it has no summary. */
export function countChanges(eventLog: string): number | undefined {
  if (!fs.existsSync(eventLog)) return undefined;
  for (const line of fs.readFileSync(eventLog, 'utf8').split('\n').reverse()) {
    if (!line.includes('"summaryEvent"')) continue;
    const changes = (JSON.parse(line) as EngineEvent).summaryEvent?.resourceChanges ?? {};
    return Object.entries(changes).reduce((sum, [kind, count]) => (kind === 'same' ? sum : sum + count), 0);
  }
  return undefined;
}
