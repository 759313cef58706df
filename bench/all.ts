import { type BenchResult, type Benchmark, type Figure, isMet, machineInfo } from './result';

/** The results of all benchmarks. */
export interface AllResults {
  machine: Record<string, unknown>;
  figures: (Figure & { benchmark: string; met?: boolean })[];
  benchmarks: Record<string, BenchResult | { error: string }>;
}

/** Runs every benchmark, one after the other. One that fails has its message in place of its figures. */
export async function runAll(
  benchmarks: Readonly<Record<string, Benchmark>>,
  log: (line: string) => void,
): Promise<AllResults> {
  const results: AllResults = { machine: machineInfo(), figures: [], benchmarks: {} };
  for (const [benchmark, run] of Object.entries(benchmarks)) {
    log(`bench: ${benchmark}`);
    try {
      const result = await run([]);
      results.benchmarks[benchmark] = result;
      results.figures.push(...result.figures.map((figure) => ({ benchmark, ...figure, met: isMet(figure) })));
    } catch (error) {
      results.benchmarks[benchmark] = { error: (error as Error).message };
      log(`bench ${benchmark}: ${(error as Error).message}`);
    }
  }
  return results;
}
