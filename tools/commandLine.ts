import { Command, CommanderError, InvalidArgumentError } from 'commander';

/**
 * Makes a command and its subcommands refuse an option's value that is empty or looks like an option, which a shell makes of
 * an unset variable or a forgotten value: `--stack --json` would take `--json` for a name.
 */
export function withCheckedValues(command: Command): Command {
  for (const option of command.options) {
    const parse = option.parseArg;
    if (!option.required && !option.optional) continue;
    option.argParser((value: string, previous: unknown) => {
      if (value.trim() === '') throw new InvalidArgumentError('It is empty.');
      if (/^--?[a-z]/.test(value)) throw new InvalidArgumentError('It is an option: the value before it is missing.');
      return parse === undefined ? value : parse(value, previous);
    });
  }
  for (const subcommand of command.commands) withCheckedValues(subcommand);
  return command;
}

/** Examples of command lines and what each is for, as the end of a help text. */
export function examples(lines: readonly (readonly [command: string, purpose: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return ['', 'Examples:', ...lines.map(([command, purpose]) => `  ${command.padEnd(width)}  ${purpose}`)].join('\n');
}

/**
 * Reads the command line of a command that takes nothing: prints its help, or what it does not know.
 * @returns the exit code; undefined if the command is to run
 */
export function noArguments(command: string, description: string, args: readonly string[]): number | undefined {
  try {
    new Command(command)
      .description(description)
      .addHelpText('after', examples([[`npm run ${command}`, 'takes no arguments']]))
      .exitOverride()
      .parse([...args], { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
}

/**
 * Says in one line why a command's output could not be written (a full disk), and ends with an exit code. A reader that
 * stops reading, such as `head`, is fine.
 */
export function reportOutputErrors(command: string, exitCode: number): void {
  const { stdout, stderr } = process;
  let seen: NodeJS.ErrnoException | null = null;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    seen = error;
  });
  // If it is standard error, only the exit code is left to tell. Without a listener, Node prints a stack trace.
  stderr.on('error', () => undefined);
  process.once('exit', () => {
    // A command that ends itself does not live until the event.
    const error: NodeJS.ErrnoException | null = seen ?? stdout.errored;
    if (error === null || error.code === 'EPIPE') return;
    stderr.write(`${command}: standard output cannot be written: ${error.message}; free space, or redirect it\n`);
    process.exitCode = exitCode;
  });
}
