import { signalRules } from '../gitops/signals/registry';
import { severities } from '../gitops/signals/signal';
import { markdownTable, withTable } from './docTable';

/** The page that lists the signals of `npm run validate -- --diff`. */
export const signalsDocFile = 'docs/validate.md';

const place = { file: signalsDocFile, start: 'signals', end: '/signals', what: 'table of signals' } as const;

/** The page with the table of signals, by severity and then by subject. */
export function withSignalsTable(page: string): string {
  const rows = severities.flatMap((severity) =>
    signalRules
      .filter((rule) => rule.severity === severity)
      .map(({ id, when, why }) => [`\`${id}\``, severity, when, why]),
  );
  return withTable(page, place, markdownTable(['id', 'severity', 'raised when', 'because'], rows));
}
