import { resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { UserError } from '../clients/userError';
import { registerSchematic } from '../clients/imageFactory/imageFactory';
import { schematicId } from '../cluster/schematicId';
import { DefinitionError } from '../cluster/problems';
import { ManifestError } from '../gitops/manifestError';
import { examples, reportOutputErrors, withCheckedValues } from '../tools/commandLine';
import { bootMedia, type ImageSources, mediaText, schematicTexts } from './schematic/media';
import { readImages } from './schematic/readImages';

interface Flags {
  stack: string;
  node?: string;
  register?: boolean;
  json?: boolean;
  cwd: string;
}

const help = examples([
  ['npm run schematic -- --stack home', 'what each machine of the stack boots from'],
  ['npm run schematic -- --stack home --register', 'registers the schematics, without which the links do not work yet'],
  ['npm run schematic -- --stack home --node home-01', 'only one machine'],
  ['npm run -s schematic -- --stack home --json', 'for scripts'],
]);

/** `npm run schematic`: runs one command line (without node and script) and returns the exit code. */
export async function schematic(args: readonly string[], root: string): Promise<number> {
  const program = new Command('schematic')
    .description('Prints what the machines of a stack boot from and are installed with: schematics, links, images.')
    .requiredOption('--stack <name>', 'the stack (one per cluster)')
    .option('--node <name>', 'only what this machine uses')
    .option('--register', 'register the schematics at the image factory, as `pulumi up` does')
    .option('--json', 'print the result as JSON')
    .option('--cwd <dir>', 'folder of the Pulumi project', root)
    .addHelpText('after', help)
    .exitOverride()
    .showHelpAfterError('(see npm run schematic -- --help)');
  try {
    withCheckedValues(program).parse([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  const { stack, node, register, json, cwd } = program.opts<Flags>();
  try {
    const sources = forNode(readImages(stack, { root, project: resolve(cwd) }), stack, node);
    if (register) await registerAll(sources);
    const media = bootMedia(sources);
    const { talos } = sources.versions;
    const text = json ? JSON.stringify({ stack, talos, media }, null, 2) : mediaText(media, talos);
    process.stdout.write(`${text}\n`);
    if (!register && !json && media.some(({ id }) => id !== undefined)) process.stdout.write(`\n${registerHint}\n`);
    return 0;
  } catch (error) {
    const isExpected = error instanceof UserError || error instanceof DefinitionError || error instanceof ManifestError;
    const { message, stack: trace } = error as Error;
    process.stderr.write(`schematic: ${isExpected ? message : (trace ?? message)}\n`);
    return 1;
  }
}

const registerHint =
  'A factory serves only schematics that it knows: `pulumi up` registers these, or this command with --register.';

function forNode(sources: ImageSources, stack: string, name: string | undefined): ImageSources {
  if (name === undefined) return sources;
  const nodes = sources.nodes.filter((node) => node.name === name);
  if (nodes.length > 0) return { ...sources, nodes };
  const known = sources.nodes.map((node) => node.name).join(', ');
  throw new UserError(`--node ${name}: stack ${stack} has no such node; use one of: ${known}`);
}

/** @throws UserError if the factory does not respond, or knows a schematic under another id */
async function registerAll(sources: ImageSources): Promise<void> {
  const { url } = sources.imageFactory;
  for (const [name, text] of schematicTexts(sources)) {
    const registered = await registerSchematic(url, text, new AbortController().signal).catch((error: Error) => {
      throw new UserError(`image factory ${url}, schematic ${name}: ${error.message}`);
    });
    if (registered === schematicId(text)) continue;
    throw new UserError(
      `image factory ${url}: registered schematic ${name} as ${registered}, expected ${schematicId(text)}; report it, because \`pulumi up\` would install another image`,
    );
  }
}

if (require.main === module) {
  reportOutputErrors('schematic', 1);
  void schematic(process.argv.slice(2), resolve(__dirname, '..')).then((code) => {
    process.exitCode = code;
  });
}
