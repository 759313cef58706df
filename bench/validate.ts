import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTree } from '../cli/validate/loadTree';
import { ensureTools, progressLine } from '../tools/toolchain';
import { writeSchemas } from './kubeconformSchemas';
import { loopResult, loopScript } from './loopScript';
import { type Timed, median, timed } from './timed';
import { changeFile, copyTree, fileToChange } from './treeCopy';

const ownRoot = resolve(__dirname, '..');
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Times validate against a loop of kustomize, Flux's substitution and kubeconform on a copy of our tree (or of `--root`),
 * in turns. Whole commands are timed, as a person waits for them; tools and schemas of both sides are made before.
 */
export async function benchValidate(args: readonly string[]): Promise<object> {
  const { runs, repository } = readOptions(args);
  const paths = await ensureTools(['flux-render', 'kustomize', 'kubeconform'], (step) => say(progressLine(step)));
  const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const root = join(folder, 'tree');
    copyTree(repository, root);
    // Also makes our schemas, when they are not there.
    const tree = await loadTree({ root, onProgress: say });
    const schemas = join(folder, 'schemas');
    say(`bench: ${await writeSchemas(schemas)} schemas for kubeconform`);
    const script = join(folder, 'loop.sh');
    const { kustomize, kubeconform, 'flux-render': substitute } = paths;
    writeFileSync(script, loopScript(tree, schemas, { kustomize, kubeconform, substitute }));
    const changed = fileToChange(tree);

    const command = validateCommand();
    const ours = (...flags: string[]): Promise<Timed> =>
      timed(process.execPath, [...command, '--root', root, ...flags], ownRoot).then(answered);
    const times = { cold: [] as number[], warm: [] as number[], warmAfterChange: [] as number[], loop: [] as number[] };
    let loop: Timed | undefined;
    let last: Timed | undefined;
    for (let run = 1; run <= runs; run += 1) {
      times.cold.push((await ours('--no-cache')).seconds);
      loop = await timed('bash', [script], root);
      times.loop.push(loop.seconds);
      await ours();
      times.warm.push((await ours()).seconds);
      changeFile(join(root, changed), run);
      last = await ours('--json');
      times.warmAfterChange.push(last.seconds);
      say(`bench: run ${run} of ${runs}: ours ${times.cold.at(-1)} s, the loop ${loop.seconds} s`);
    }
    const { findings, objects, kustomizations } = JSON.parse(last?.stdout ?? '{}') as Record<
      string,
      number & unknown[]
    >;
    return {
      machine: { cpus: cpus().length, cpu: cpus()[0]?.model.trim(), node: process.version, platform: process.platform },
      tree: { clusters: tree.clusters.length, kustomizations, objects, findings: findings?.length },
      runs,
      ours: { cold: times.cold, warm: times.warm, warmAfterChange: times.warmAfterChange },
      loop: { cold: times.loop, code: loop?.code, objects: loopResult(loop?.stdout ?? '') },
      median: {
        oursCold: median(times.cold),
        oursWarm: median(times.warm),
        oursWarmAfterChange: median(times.warmAfterChange),
        loopCold: median(times.loop),
      },
      medianRatio: Math.round((median(times.loop) / median(times.cold)) * 100) / 100,
      notes: [
        'ours: npm run validate as a whole process, all checks; cold is --no-cache; schemas made before',
        'loop: kustomize build | flux-render substitute (strict) | kubeconform -strict, one after the other, with the patches of each Flux Kustomization; schemas made before',
        `warmAfterChange: ${changed} changed since the run before`,
      ],
    };
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** What `npm run validate` runs, without npm's own time. */
function validateCommand(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ownRoot, 'package.json'), 'utf8')) as {
    scripts: { validate: string };
  };
  return scripts.validate.split(' ').slice(1);
}

function readOptions(args: readonly string[]): { runs: number; repository: string } {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: 'string' }, root: { type: 'string' } } });
  const runs = Number(values.runs ?? 5);
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a whole number of at least 1');
  return { runs, repository: resolve(values.root ?? ownRoot) };
}

/** Findings are an answer; that validate could not tell is none. */
function answered(result: Timed): Timed {
  if (result.code === 0 || result.code === 1) return result;
  throw new Error(`validate ended with ${result.code}:\n${result.stderr}`);
}
