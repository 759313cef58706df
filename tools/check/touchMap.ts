import { minimatch } from 'minimatch';

/** What a row of the map runs. */
export interface Runs {
  /** `npm run lint`, prose and format of the changed files only. */
  lint?: boolean;
  /** The fast tests that import a changed file. */
  related?: boolean;
  /** Folders and files of fast tests; `tests` is all of them. */
  suites?: readonly string[];
  /** npm scripts. */
  scripts?: readonly string[];
  /** Lab tests. They take minutes, so they run only with --lab. */
  lab?: readonly string[];
}

/** A row of "Touch X → run Y" in CONTRIBUTING.md. */
export interface Row {
  /** What the globs stand for, if they do not say so themselves. */
  touch?: string;
  /** Of paths from the repository's root; they match dotfiles. */
  globs: readonly string[];
  runs: Runs;
  /** What no command can check. */
  note?: string;
}

const fromNothing = 'tests/lab/fromNothing.test.ts';
const secrets = 'tests/lab/secrets.test.ts';
const upgrade = 'tests/lab/upgrade.test.ts';
const drift = 'tests/lab/drift.test.ts';
const interruption = 'tests/lab/interruption.test.ts';

/** Every tracked file is in at least one row. A file runs what all its rows say. */
export const touchMap: readonly Row[] = [
  {
    touch: 'any code',
    globs: ['**/*.ts'],
    runs: { lint: true, related: true, suites: ['tests/imports.test.ts'] },
  },
  {
    touch: 'resources, components, type tokens, the program',
    globs: ['{components,provider,sdks,stacks}/**', 'index.ts', 'Pulumi.yaml'],
    runs: {
      lint: true,
      suites: [
        'tests/stacks',
        'tests/components',
        'tests/provider',
        'tests/sdks',
        'tests/labcore/languageHost.test.ts',
      ],
      lab: [upgrade, fromNothing, interruption],
    },
    note: 'existing states must still work',
  },
  {
    globs: ['kubernetes/**', 'Pulumi.*.yaml', '.sourceignore'],
    runs: {
      lint: true,
      scripts: ['validate'],
      suites: [
        'tests/gitops/render',
        'tests/rules',
        'tests/observability',
        'tests/runbooks',
        'tests/stacks',
        'tests/cluster',
        'tests/cli/init',
        'tests/cli/platformDoc.test.ts',
        'tests/cli/systemsDoc.test.ts',
        'tests/tools/manifest.test.ts',
        'tests/services',
        'tests/imports.test.ts',
        'tests/secretsDoc.test.ts',
        'tests/architectureTrace.test.ts',
        'tests/labcore/badInput.test.ts',
        'tests/ownSite.test.ts',
      ],
      lab: [fromNothing],
    },
    note: '`npm run docs` writes docs/platform.md and the table of docs/adopt.md',
  },
  {
    globs: ['docs/examples/**', 'tests/fixtures/init/**'],
    runs: { suites: ['tests/cli/init'] },
    note: 'with `UPDATE_INIT=1`, it writes what init writes for each example',
  },
  {
    globs: ['{gitops,cli}/**', 'tests/fixtures/{gitops,reader}/**'],
    runs: { lint: true, scripts: ['validate'], suites: ['tests/gitops', 'tests/cli'] },
    note: 'a new rule needs a fixture in `tests/fixtures/gitops/invalid/<reason>/`',
  },
  {
    globs: ['bin/**'],
    runs: { lint: true, scripts: ['validate'], suites: ['tests/bin'] },
  },
  {
    globs: ['cluster/**', 'docs/stack.schema.json', 'tests/fixtures/{valid,invalid,machines,talosLibrary}/**'],
    runs: {
      lint: true,
      suites: ['tests/cluster', 'tests/cli/init', 'tests/cli/stackDoc.test.ts', 'tests/secretsDoc.test.ts'],
      lab: ['tests/lab/machineConfigs.test.ts', 'tests/lab/fleets.test.ts', 'tests/lab/talosLibrary.test.ts'],
    },
    note: 'a new message needs a fixture in `tests/fixtures/invalid/`; `npm run docs` writes the keys of a stack file',
  },
  {
    globs: ['tests/fixtures/stacks/**'],
    runs: {
      suites: ['tests/stacks', 'tests/cluster', 'tests/labcore', 'tests/cli/projectFacts.test.ts', 'tests/cli/plan'],
    },
  },
  {
    touch: 'how a secret is generated, stored or passed on',
    globs: ['components/onepassword/**', 'clients/onepassword/**', 'provider/resources/{generated,onePassword}*.ts'],
    runs: { lab: [fromNothing, secrets] },
    note: '`npm run lab && npm run -s lab -- scan` must find nothing where secrets must not be',
  },
  {
    globs: ['clients/**', 'net/**', 'bench/**'],
    runs: { lint: true, suites: ['tests/clients', 'tests/net', 'tests/bench'] },
  },
  {
    globs: ['cli/drift/**', 'cluster/drift/**', 'gitops/drift/**'],
    runs: { lint: true, suites: ['tests/cli/drift', 'tests/cluster/drift', 'tests/gitops/drift'], lab: [drift] },
  },
  {
    globs: ['lab/**'],
    runs: {
      lint: true,
      suites: [
        'tests/labcore',
        'tests/agent',
        'tests/services',
        'tests/observability',
        'tests/cloudflareStandIn',
        'tests/k8sStandIn',
      ],
      lab: ['tests/lab'],
    },
  },
  {
    globs: ['tests/lab/**'],
    runs: { lint: true, suites: ['tests/labcore/badInput.test.ts', 'tests/ownSite.test.ts'], lab: ['tests/lab'] },
  },
  {
    globs: ['tools/flux-render/**', 'tools/schemaSources.ts'],
    runs: { lint: true, scripts: ['test:go', 'validate'], suites: ['tests/gitops', 'tests/cli', 'tests/tools'] },
  },
  {
    globs: ['tools/query-reader/**', 'tests/rules/**'],
    runs: { lint: true, scripts: ['test:go'], suites: ['tests/rules'] },
  },
  {
    globs: ['tools/{simulated-machine,talos-provider,cert-manager}/**'],
    runs: { lint: true, scripts: ['test:go'], lab: [fromNothing, 'tests/lab/machineConfigs.test.ts'] },
  },
  {
    touch: 'a pin: `tools/manifest.ts`, `tools/modules/`',
    globs: ['tools/manifest.ts', 'tools/modules/**', '.mise.toml'],
    runs: { scripts: ['tools'], suites: ['tests/tools', 'tests/labcore'], lab: ['tests/lab'] },
    note: '`npm run tools:align` after a change to a `go.mod`; also its digest in `tools/download/digests.json`',
  },
  {
    globs: ['tools/download/**'],
    runs: { lint: true, suites: ['tests/tools'] },
    note: 'nothing tests it against the real publishers',
  },
  {
    globs: ['tools/*.ts', 'tools/{prose,check,align}/**', 'tests/fixtures/prose/**', '.textlint*'],
    runs: { lint: true, suites: ['tests/tools'] },
  },
  {
    globs: ['tools/display/**', 'tests/fixtures/display/**', 'docs/{recordings,timelines}/**'],
    runs: { lint: true, suites: ['tests/tools', 'tests/labcore/recordings.test.ts', 'tests/labcore/status.test.ts'] },
    note: 'with `UPDATE_RECORDINGS=1`, the last two write the recordings',
  },
  {
    globs: ['tests/fixtures/imports/**', '.dependency-cruiser.cjs'],
    runs: { lint: true, suites: ['tests/imports.test.ts'] },
  },
  {
    globs: ['tests/sdks/**'],
    runs: { suites: ['tests/sdks'] },
  },
  {
    globs: ['tests/fixtures/runbooks/**'],
    runs: { lint: true, suites: ['tests/runbooks'], lab: ['tests/lab/commandTables.test.ts'] },
    note: 'with `UPDATE_COMMANDS=1`, the lab test writes the tables of kubectl, helm and pulumi',
  },
  {
    touch: 'prose, and a folder that is new, moved or renamed',
    globs: ['**/*.md'],
    runs: {
      lint: true,
      suites: [
        'tests/docs.test.ts',
        'tests/runbooks',
        'tests/secretsDoc.test.ts',
        'tests/architectureTrace.test.ts',
        'tests/cli/platformDoc.test.ts',
        'tests/cli/stackDoc.test.ts',
        'tests/cli/systemsDoc.test.ts',
        'tests/advice.test.ts',
        'tests/tools/check',
      ],
    },
    note: 'every folder of the top three levels is in the tree below',
  },
  {
    touch: 'settings of the tools',
    globs: ['package.json', 'package-lock.json', 'tsconfig.json', 'jest.config.js', 'tests/*.js', '.ox*', '.npmrc'],
    runs: { lint: true, suites: ['tests'] },
  },
  {
    touch: 'a version anywhere, and `renovate.json5`',
    globs: ['renovate.json5', 'tests/renovate/**', '.mise.toml', 'kubernetes/**/*repository.yaml', 'tools/manifest.ts'],
    runs: { lint: true, suites: ['tests/renovate'] },
  },
  {
    globs: ['.github/**', 'tests/workflows/**'],
    runs: { lint: true, suites: ['tests/workflows', 'tests/tools/check'] },
    note: 'on GitHub, only a pull request shows the rest',
  },
  {
    touch: 'settings of Git, CI and the editor',
    globs: ['.ci/**', '.git*', '.editorconfig', 'LICENSE'],
    runs: { lint: true },
    note: 'CI runs `bash .ci/run`',
  },
];

/** The rows that cover a file. */
export function rowsOf(file: string, rows: readonly Row[] = touchMap): Row[] {
  return rows.filter(({ globs }) => globs.some((glob) => minimatch(file, glob, { dot: true })));
}

/** The commands of a row, as a person types them. */
export function commandsOf({ lint, related, suites = [], scripts = [], lab = [] }: Runs): string[] {
  const fast = suites.includes('tests') ? ['npm test'] : [];
  const some = fast.length === 0 && suites.length > 0 ? [`npx jest ${suites.join(' ')} --selectProjects fast`] : [];
  return [
    ...(lint ? ['npm run lint'] : []),
    ...(related ? ['the fast tests that import it'] : []),
    ...fast,
    ...some,
    ...scripts.map((script) => `npm run ${script}`),
    ...(lab.length > 0 ? [`npm run test:lab -- ${lab.join(' ')}`] : []),
  ];
}

/** The map as the table in CONTRIBUTING.md. */
export function asTable(rows: readonly Row[] = touchMap): string {
  const line = ({ touch, globs, runs, note }: Row): string => {
    const code = (text: string): string => (/^np[mx] /.test(text) ? `\`${text}\`` : text);
    const what = touch ?? globs.map((glob) => `\`${glob.replace(/\/\*\*$/, '/')}\``).join(', ');
    return `| ${what} | ${commandsOf(runs).map(code).join('; ')}${note === undefined ? '' : ` (${note})`} |`;
  };
  return ['| you touch | it runs |', '|---|---|', ...rows.map(line)].join('\n');
}
