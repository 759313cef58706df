import type { Operation } from '../../../provider/engine/implementation';
import { makeProgress } from '../../../provider/engine/progress';

/** An operation that records its progress: `(status)`, `info`, `! warning`. */
export function testOperation(): Operation & { lines: string[]; abort: (reason: string) => void } {
  const controller = new AbortController();
  const lines: string[] = [];
  const progress = makeProgress(({ text, ephemeral, severity }) =>
    lines.push(ephemeral ? `(${text})` : severity === 'warning' ? `! ${text}` : text),
  );
  return { progress, signal: controller.signal, lines, abort: (reason) => controller.abort(new Error(reason)) };
}
