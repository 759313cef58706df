import type { Writable } from 'node:stream';
import { UserError } from '../../clients/userError';

/** One of several options. */
export interface Choice<T> {
  value: T;
  label: string;
  hint?: string;
}

/** Asks people. Every method throws a UserError if they cancel. */
export interface Prompter {
  /** Text; empty only if `check` accepts that. `check` returns what is wrong. */
  text(message: string, options: { initial?: string; check: (value: string) => string | undefined }): Promise<string>;
  confirm(message: string, initial: boolean): Promise<boolean>;
  select<T>(message: string, choices: readonly Choice<T>[]): Promise<T>;
  multiselect<T>(message: string, choices: readonly Choice<T>[], initial: readonly T[]): Promise<T[]>;
  /** Says something. */
  note(message: string): void;
}

/** A prompter on the terminal. `output` is where it asks, and `cancelled` what it says to those who cancel. */
export async function terminalPrompter({
  output = process.stdout,
  cancelled = 'cancelled; nothing was written',
}: { output?: Writable; cancelled?: string } = {}): Promise<Prompter> {
  const clack = await import('@clack/prompts');
  const answerOf = <T>(answer: T): Exclude<T, symbol> => {
    if (clack.isCancel(answer)) throw new UserError(cancelled);
    return answer as Exclude<T, symbol>;
  };
  return {
    text: async (message, { initial, check }) =>
      answerOf(
        await clack.text({
          ...{ message, output },
          ...(initial !== undefined && { initialValue: initial }),
          validate: (value) => check((value ?? '').trim()),
        }),
      ).trim(),
    confirm: async (message, initial) => answerOf(await clack.confirm({ message, initialValue: initial, output })),
    select: async <T>(message: string, choices: readonly Choice<T>[]) => {
      const index = answerOf(await clack.select<number>({ message, options: numbered(choices), output }));
      return (choices[index] as Choice<T>).value;
    },
    multiselect: async <T>(message: string, choices: readonly Choice<T>[], initial: readonly T[]) => {
      const initialValues = choices.flatMap(({ value }, index) => (initial.includes(value) ? [index] : []));
      const options = numbered(choices);
      const indexes = answerOf(
        await clack.multiselect<number>({ message, options, initialValues, required: false, output }),
      );
      return indexes.map((index) => (choices[index] as Choice<T>).value);
    },
    note: (message) => clack.log.info(message, { output }),
  };
}

/** The options of a question by their index, because values may be anything. */
function numbered<T>(choices: readonly Choice<T>[]): { value: number; label: string; hint?: string }[] {
  return choices.map(({ label, hint }, value) => ({ value, label, ...(hint !== undefined && { hint }) }));
}
