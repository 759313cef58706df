import { fieldOf, type ShownChange, shownChanges } from '../rollout/configurationChanges';
import { type MachineFinding, machineObject } from './finding';

/** The machine configurations of one machine. Secret. */
export interface ComparedConfigurations {
  /** What the state says that it should have. */
  wanted: string;
  /** What it runs with. */
  active: string;
  /** What it boots with next. */
  persistent: string;
}

/**
 * The fields in which a machine's configuration differs from the wanted one. One that differs only until, or only from, the
 * next boot says so.
 */
export function configurationDrift(
  name: string,
  { wanted, active, persistent }: ComparedConfigurations,
): MachineFinding[] {
  // Talos keeps the bytes that it was given, so that most machines need no parsing.
  if (active === wanted && persistent === wanted) return [];
  const running = new Map(shownChanges(active, wanted).map((change) => [fieldOf(change), change]));
  const next = new Map(shownChanges(persistent, wanted).map((change) => [fieldOf(change), change]));
  const fields = [...new Set([...running.keys(), ...next.keys()])];
  return fields.map((field) => {
    const [now, later] = [running.get(field), next.get(field)];
    // One of them has it: the field is from there.
    const { before: found, after } = (now ?? later) as ShownChange;
    const staged = stagedText(now, later);
    return {
      id: staged === undefined ? 'machine-configuration' : 'machine-configuration-staged',
      object: machineObject(name),
      field,
      ...(after !== undefined && { wanted: after }),
      ...(found !== undefined && { found }),
      ...(staged !== undefined && { why: staged }),
      todo:
        now !== undefined && later === undefined
          ? 'reboot the machine, or run pulumi up to change it now'
          : 'run pulumi up to put it back; if it should stay, put it into the stack first',
      upMends: true,
    };
  });
}

function stagedText(now: ShownChange | undefined, later: ShownChange | undefined): string | undefined {
  if (now === undefined)
    return 'the machine runs as wanted, but this configuration is staged: it takes effect at the next reboot';
  if (later === undefined) return 'the wanted configuration is staged: it takes effect at the next reboot';
  if (now.before === later.before) return undefined;
  return `another configuration is staged: the next reboot changes this to ${later.before ?? 'nothing'}`;
}
