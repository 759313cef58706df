import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTree } from '../cli/validate/loadTree';
import { ensureTools, inLines } from '../tools/toolchain';
import { writeSchemas } from './kubeconformSchemas';
import { loopResult, loopScript } from './loopScript';
import { type BenchResult, machineInfo } from './result';
import { type Timed, median, timed } from './timed';
import { changeFile, copyTree, fileToChange } from './treeCopy';

const ownRoot = resolve(__dirname, '..');
const log = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Times validate against a loop of kustomize, Flux's substitution and kubeconform on a copy of this tree (or of
 * `--root`), alternating between the two. Measures the wall time of whole commands; tools and schemas of both sides are
 * built beforehand.
 */
export async function benchValidate(args: readonly string[]): Promise<BenchResult> {
  const { runs, repository } = readOptions(args);
  const paths = await ensureTools(['flux-render', 'kustomize', 'kubeconform'], inLines(log));
  const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const root = join(folder, 'tree');
    copyTree(repository, root);
    // Also builds validate's schemas if they are missing.
    const tree = await loadTree({ root, onProgress: log });
    const schemas = join(folder, 'schemas');
    log(`bench: wrote ${await writeSchemas(schemas)} schemas for kubeconform`);
    const script = join(folder, 'loop.sh');
    const { kustomize, kubeconform, 'flux-render': substitute } = paths;
    writeFileSync(script, loopScript(tree, schemas, { kustomize, kubeconform, substitute }));
    const changed = fileToChange(tree);

    const command = validateCommand();
    const ours = (...flags: string[]): Promise<Timed> =>
      timed(process.execPath, [...command, '--root', root, ...flags], ownRoot).then(mustComplete);
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
      log(`bench: run ${run} of ${runs}: validate ${times.cold.at(-1)} s, loop ${loop.seconds} s`);
    }
    const { findings, objects, kustomizations } = JSON.parse(last?.stdout ?? '{}') as Record<
      string,
      number & unknown[]
    >;
    return {
      figures: [
        { name: 'cold', value: median(times.cold), unit: 's', target: 1 },
        { name: 'warm', value: median(times.warm), unit: 's', target: 0.5 },
        { name: 'warm after a change', value: median(times.warmAfterChange), unit: 's', target: 0.7 },
        {
          name: 'cold, as a share of the loop',
          value: round(median(times.cold) / median(times.loop)),
          unit: '',
          target: 0.5,
        },
      ],
      machine: machineInfo(),
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
      medianRatio: round(median(times.loop) / median(times.cold)),
      notes: [
        'ours: npm run validate as a process, all checks; cold: --no-cache; schemas built beforehand',
        'loop: kustomize build | flux-render substitute (strict) | kubeconform -strict, sequentially, with the patches of each Flux Kustomization; schemas built beforehand',
        `warmAfterChange: ${changed} changed since the previous run`,
      ],
    };
  } finally {
    process.off('exit', remove);
    remove();
  }
}

const round = (number: number): number => Math.round(number * 100) / 100;

/** The arguments to node of `npm run validate`, so that npm's own time is not measured. */
function validateCommand(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ownRoot, 'package.json'), 'utf8')) as {
    scripts: { validate: string };
  };
  return scripts.validate.split(' ').slice(1);
}

function readOptions(args: readonly string[]): { runs: number; repository: string } {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: 'string' }, root: { type: 'string' } } });
  const runs = Number(values.runs ?? 5);
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs must be an integer of at least 1');
  return { runs, repository: resolve(values.root ?? ownRoot) };
}

/** Throws if validate failed; findings are not a failure. */
function mustComplete(result: Timed): Timed {
  if (result.code === 0 || result.code === 1) return result;
  throw new Error(`validate exited with ${result.code}:\n${result.stderr}`);
}
