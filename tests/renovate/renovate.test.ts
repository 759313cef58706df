import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compatibilityRows, type Product } from '../../gitops/compatibility';
import { listClusters } from '../../gitops/clusterSettings';
import { config, fits, type Found, root, settingsOf } from './config';
import { foundIn } from './managers';

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(root, file)))
  .filter((file) => !config.ignorePaths.some((pattern) => fits(pattern, file)));
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const found: Found[] = [...texts].flatMap(([file, text]) => foundIn(file, text));
const place = ({ file, line }: { file: string; line: number }): string => `${file}:${line}`;

/** What looks like a version and is none that Renovate could raise, or follows one that it raises. `lines` is for a part of a file. */
const notPinned: { files: RegExp; lines?: RegExp; why: string }[] = [
  { files: /\.(md|sum|patch|go|snap|svg)$|^LICENSE$/, why: 'text, checksums, sources' },
  { files: /^package-lock\.json$/, why: 'npm raises it with package.json' },
  { files: /go\.mod$/, lines: /\/\/ indirect|^replace|=>/, why: 'go and npm run tools:align choose it' },
  { files: /^tools\/talos-provider\/talos-1\.\d+\.mod$/, why: 'the Talos library of each minor version, for tests' },
  {
    files: /^tools\/manifest\.ts$/,
    lines: /talosLibrary\(|version: '(1\.0\.0|0\.8\.1)'/,
    why: 'the same; our own programs',
  },
  { files: /^tools\/align\/sharedVersions\.ts$/, why: 'what fits the Kubernetes of the lab, raised with it by hand' },
  {
    files: /^tools\/schemaSources\.ts$/,
    why: 'follows kubernetes/ and tools/manifest.ts (tests/tools/schemaSources.test.ts)',
  },
  { files: /^cluster\/talos\/library\//, why: 'which Talos library it was written from' },
  {
    files: /^tools\/download\/digests\.json$/,
    why: 'follows tools/manifest.ts (tests/tools/download/releases.test.ts)',
  },
  { files: /^lab\/services\/registry\//, why: "the lab's copies of charts follow kubernetes/ (tests/services)" },
  { files: /^lab\/services\//, why: 'what stand-ins report as their version' },
  { files: /^lab\/agent\/strimzi\.ts$/, lines: /versions = /, why: 'what the operator of its chart knows' },
  { files: /^bench\/drift\.ts$/, lines: /versions: /, why: 'what simulated machines report as their version' },
  { files: /^gitops\/compatibility\.ts$/, why: 'where the table of versions was read' },
  { files: /^package\.json$/, lines: /^ {2}"version": "0\.1\.0"/, why: 'our own version' },
  { files: /^provider\/engine\/platformProvider\.ts$/, lines: /version: '0\.1\.0'/, why: 'our own version' },
  { files: /\.ts$/, lines: /such as v?1\.2\.3|"v1\.2\.3"/, why: 'an example in a message' },
  { files: /^(bench|cli|lab)\/.*\.ts$/, lines: /tag: (1\.2\.3|4\.5\.6)/, why: 'a generated example' },
];
// Three numbers, not part of an address or of a longer word. A comment is not a pin, but one of an action is.
const version = /(?<![\w.:/-])v?\d+\.\d+\.\d+(?:[-+][\w.-]+)?(?![\w.])/;
const comment = /^\s*(?:\/\/|\*|\/\*|#)/;

interface Pin {
  file: string;
  line: number;
  text: string;
}

/** Every line of the tree that has an exact version, by its look alone. */
const pins: Pin[] = [...texts].flatMap(([file, text]) =>
  text.split('\n').flatMap((content, index) => {
    const unaddressed = content.replace(/\d+(\.\d+){3,}(\/\d+)?/g, '').replace(/:(?=\d+\.\d+\.\d+$)/, ' ');
    return version.test(unaddressed) && !comment.test(content) ? [{ file, line: index + 1, text: content }] : [];
  }),
);

test('every version in the tree is found, or there is a reason why not', () => {
  const seen = new Set(found.map(place));
  const missed = pins.filter(
    (pin) =>
      !seen.has(place(pin)) &&
      !notPinned.some((rule) => rule.files.test(pin.file) && (rule.lines?.test(pin.text) ?? true)),
  );
  expect(missed.map((pin) => `${place(pin)}: ${pin.text.trim()}`)).toEqual([]);
});

test('no reason is left over', () => {
  const unused = notPinned.filter(
    (rule) => !pins.some((pin) => rule.files.test(pin.file) && (rule.lines?.test(pin.text) ?? true)),
  );
  expect(unused.map(({ why }) => why)).toEqual([]);
});

test('what is found is a version, of something that has a source', () => {
  const strange = found.filter(
    ({ value, depType }) => depType !== 'engines' && !/^v?\d+(\.\d+)*([-+][\w.+-]+)?$/.test(value),
  );
  expect(strange).toEqual([]);
  const sourceless = found.filter(({ manager, datasource }) => manager === 'custom.regex' && datasource === undefined);
  expect(sourceless).toEqual([]);
  const places = found.map(place);
  expect(places.filter((one, index) => places.indexOf(one) !== index)).toEqual([]);
});

test('every comment for Renovate is used', () => {
  const written = [...texts].flatMap(([file, text]) =>
    text
      .split('\n')
      .flatMap((line, index) => (/^\s*(#|\/\/) renovate: /.test(line) ? [{ file, line: index + 2 }] : [])),
  );
  const used = new Set(found.map(place));
  expect(written.map(place).filter((one) => !used.has(one))).toEqual([]);
});

test('the kinds of places are all there', () => {
  const kinds = new Set(found.map(({ manager, file }) => `${manager}: ${file.split('/')[0]}`));
  expect([...kinds].sort()).toEqual([
    'custom.regex: .github',
    'custom.regex: .mise.toml',
    'custom.regex: kubernetes',
    'custom.regex: tools',
    'github-actions: .github',
    'gomod: tools',
    'npm: package.json',
  ]);
  expect(config.enabledManagers).toEqual(['npm', 'gomod', 'github-actions', 'custom.regex']);
});

const clusters = listClusters(root);
const settings = (cluster: string): Found[] =>
  found.filter(({ file }) => file === `kubernetes/clusters/${cluster}/cluster-settings.yaml`);

test('clusters are raised one at a time, each released by a person after its soak time', () => {
  for (const cluster of clusters) {
    const all = settings(cluster).map(settingsOf);
    expect(all).not.toEqual([]);
    for (const rule of all) {
      expect(rule).toMatchObject({
        dependencyDashboardApproval: true,
        minimumReleaseAge: '14 days',
        additionalBranchPrefix: '{{packageFileDir}}/',
        groupName: expect.stringContaining('of {{packageFileDir}}') as string,
      });
    }
  }
  expect(config.minimumReleaseAge).toBe('7 days');
});

/** Where the version of each product of the table of versions is. */
const products: Record<Product, string> = {
  Talos: 'siderolabs/talos',
  Kubernetes: 'kubernetes/kubernetes',
  Cilium: 'quay.io/cilium/charts/cilium',
  'Gateway API': 'kubernetes-sigs/gateway-api',
  Rook: 'ghcr.io/rook/rook-ceph',
  Ceph: 'quay.io/ceph/ceph',
  'Flux Operator': 'ghcr.io/controlplaneio-fluxcd/charts/flux-operator',
  Flux: 'fluxcd/flux2',
};

test('what goes together is one pull request, or validate refuses the wrong order', () => {
  const inManifests = (product: Product): Found[] =>
    found.filter(({ file, depName }) => file.startsWith('kubernetes/') && depName === products[product]);
  const pairs = new Set(compatibilityRows.map(({ product, other }) => `${product} + ${other}`));
  const apart = [...pairs].filter((pair) => {
    const [one, other] = pair
      .split(' + ')
      .map((name) => inManifests(name as Product).map((at) => settingsOf(at).groupName));
    expect([pair, one?.length, other?.length]).toEqual([pair, expect.any(Number), expect.any(Number)]);
    return one?.[0] === undefined || one[0] !== other?.[0];
  });
  // Of one cluster and of all clusters, which cannot be one pull request; and Kubernetes, which goes with Talos.
  expect(apart.sort()).toEqual([
    'Cilium + Gateway API',
    'Cilium + Kubernetes',
    'Flux Operator + Flux',
    'Rook + Kubernetes',
  ]);
});

test.each([
  ['the Pulumi CLI, SDK, module and setup', /pulumi\/pulumi/, 'Pulumi'],
  ['cert-manager’s chart and module', /(jetstack\/charts|cert-manager)\/cert-manager$/, 'cert-manager'],
  ['external-secrets’ chart and module', /external-secrets$/, 'external-secrets'],
  ['Flux Operator’s charts and module', /flux-operator$|flux-instance$/, 'Flux Operator'],
  ['Helm’s CLI and module', /^helm\/helm$|^helm\.sh\/helm\/v3$/, 'Helm'],
  ['the Kubernetes of the lab', /^k8s\.io\/kubernetes$/, 'Kubernetes of the lab'],
  ['actions', /^actions\/(checkout|cache)$/, 'GitHub Actions'],
])('%s are one group', (_what, names, group) => {
  const all = found.filter(({ depName }) => names.test(depName));
  expect(new Set(all.map((one) => settingsOf(one).groupName))).toEqual(new Set([group]));
});

test('every rule fits something, and no cluster is named', () => {
  const names = config.packageRules.flatMap(({ matchDepNames = [] }) => matchDepNames);
  expect(names.filter((pattern) => !found.some(({ depName }) => fits(pattern, depName)))).toEqual([]);
  const text = texts.get('renovate.json5') ?? '';
  expect(clusters.filter((cluster) => new RegExp(`\\b${cluster}\\b`).test(text))).toEqual([]);
});
