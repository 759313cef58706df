import { spawn } from 'node:child_process';
import { runCommand, tailOf } from '../../../clients/process/runCommand';
import { pulumiTool } from '../../preflight/tools';
import type { DriftContext } from '../context';
import type { DriftFix } from '../drift';

/**
 * Runs `pulumi up` with a refresh: the same roll as always, machine by machine, each with its drain and gate. It changes everything
 * that differs from Git, which the preview shows before.
 */
export function pulumiUp(stack: string): DriftFix {
  return {
    describe: `run pulumi up --refresh --stack ${stack}`,
    preview: async (context) => {
      const { code, stdout, stderr } = await runCommand({
        file: 'pulumi',
        args: [...argumentsOf('preview', context), '--diff'],
        cwd: context.project,
        env: process.env,
        signal: context.signal,
        howToGet: pulumiTool.howToGet,
      });
      if (code === 0) return stdout;
      throw new Error(`pulumi preview failed:\n${tailOf(stderr, 5) || tailOf(stdout, 20)}`);
    },
    run: (context) =>
      new Promise((resolve, reject) => {
        // It shows its progress itself, and is never killed by us: Ctrl-C on the terminal reaches it directly.
        const args = [...argumentsOf('up', context), '--yes', '--skip-preview'];
        const child = spawn('pulumi', args, { cwd: context.project, stdio: ['ignore', 2, 2] });
        child.once('error', (error) => reject(new Error(`pulumi could not be started: ${error.message}`)));
        child.once('close', (code) => {
          if (code === 0) resolve();
          else reject(new Error(`pulumi up ended with exit code ${code ?? 'none'}; its own output says why`));
        });
      }),
  };
}

/** The engine hides secrets in what it prints. */
function argumentsOf(command: string, { stack }: DriftContext): string[] {
  return [command, '--refresh', '--stack', stack, '--non-interactive', '--color', 'never'];
}
