import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listClusters, readClusterSettings } from '../../gitops/clusterSettings';
import { readTopics } from '../rules/ruleObjects';
import { readTable } from './commandTable';
import { readHelp } from './helpText';
import { madeObjects, readObjects } from './objects';
import { folder, pages, problemsOf, root, tabled, textOf } from './pages';
import { split } from './shell';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const sh = (...lines: string[]): string => ['```sh', ...lines, '```', ''].join('\n');

test.each(pages)('the commands, flags and objects of %s exist', (page) => {
  expect(problemsOf(textOf(page))).toEqual([]);
});

describe('what does not exist is reported', () => {
  test.each([
    ['kubectl get pods -A --sort-bye=.metadata.name', 'get has no flag --sort-bye'],
    ['kubectl -n rook-cepf get pods', 'namespace rook-cepf is not in kubernetes/'],
    ['kubectl gets pods', 'gets is not a command of kubectl 1.34.1'],
    [
      'kubectl rollout rewind deployment/cloudflared -n networking',
      'rollout rewind is not a command of kubectl 1.34.1',
    ],
    ['kubectl -n networking get deployment/cloudfared', 'Deployment networking/cloudfared does not exist'],
    ['kubectl -n networking get deployment cloudfared', 'Deployment networking/cloudfared does not exist'],
    ['kubectl -n kube-system logs ds/cillium -c cilium-agent', 'DaemonSet kube-system/cillium does not exist'],
    ['kubectl -n networking logs cloudfared-0', 'Pod networking/cloudfared-0 does not exist'],
    ['kubectl get deployment cloudflared', 'Deployment cloudflared needs its namespace: -n'],
    ['kubectl get clustersecretstore twopassword', 'ClusterSecretStore twopassword does not exist'],
    ['kubectl get kustomisations -A', 'kustomisations is not a kind that this repository or its charts have'],
    ['kubectl -n kube-system create job x --from=cronjob/renew', 'CronJob kube-system/renew does not exist'],
    ['kubectl -n rook-ceph scale deployment/rook-ceph-operator --replica=0', 'scale has no flag --replica'],
    ['kubectl get nodes -z', 'get has no flag -z'],
    ['kubectl -n kube-system exec ds/cilium -- cilium-dbg statos', 'statos is not a command of cilium-dbg 1.18.3'],
    ['kubectl -n kube-system exec ds/cilium -- cilium-dbg status --all', 'status has no flag --all'],
    ['flux suspend kustomization cilium-bpg', 'Kustomization flux-system/cilium-bpg does not exist'],
    ['flux reconcile helmrelease rook-ceph', 'HelmRelease flux-system/rook-ceph does not exist'],
    ['flux reconcile helmrelease <name> --force', 'a HelmRelease needs its namespace: -n'],
    ['flux get kustomizations --status=ready', 'get kustomizations has no flag --status'],
    ['flux get everything', 'get everything is not a command of flux 2.7.3'],
    ['helm -n rook-ceph rollback rook-cef 3', 'HelmRelease rook-ceph/rook-cef does not exist'],
    ['helm -n rook-ceph rollback rook-ceph 3 --wait-forever', 'rollback has no flag --wait-forever'],
    ['pulumi up --stak <cluster>', 'up has no flag --stak'],
    ['pulumi stack exports --stack <cluster>', 'stack exports is not a command of pulumi 3.248.0'],
    ['talosctl --nodes <node> etcd snapshots db', 'etcd snapshots is not a command of talosctl 1.11.2'],
    ['talosctl --nodes <node> reset --gracefull=false', 'reset has no flag --gracefull'],
    ['talosctl --nodes <node> get lynks', 'lynks is not a resource of Talos that is known here'],
    ['talosctl --nodes <node> service kublet restart', 'kublet is not a service of Talos'],
    ['talosctl etcd members', 'goes to every node without --nodes'],
    ['npm run validat', 'validat is not a script of package.json'],
    ['npm run validate -- --dif HEAD', 'validate has no flag --dif'],
    ['npm run lab -- upp', 'lab has no command upp'],
    ['ceph osd outt osd.1', 'osd outt is not a command of ceph 19.2.3'],
    ['cilium clustermesh status', 'cilium is not a program that people have'],
    ['kubectl get nodes && kubectl -n nowhere get pods', 'namespace nowhere is not in kubernetes/'],
    [
      'echo_if=1 kubectl -n kube-system get "$(kubectl -n nowhere get pods -o name)"',
      'namespace nowhere is not in kubernetes/',
    ],
  ])('%s', (line, problem) => {
    expect(problemsOf(sh(line))).toEqual([`${line}: ${problem}`]);
  });

  test('in lists, over several lines and in code in a sentence', () => {
    const page =
      '1. Check:\n\n   ```sh\n   kubectl -n nowhere \\\n     get pods    # why\n   ```\n\n2. Do: `kubectl -n nowhere2 get pods`, or `get pods`.\n';
    expect(problemsOf(page)).toEqual([
      'kubectl -n nowhere get pods    # why: namespace nowhere is not in kubernetes/',
      'kubectl -n nowhere2 get pods: namespace nowhere2 is not in kubernetes/',
    ]);
  });

  test('but not what a document in a command says', () => {
    const lines = [
      "kubectl -n cert-manager create -f - <<'EOF'",
      'kind: Nothing',
      'EOF',
      'kubectl -n nowhere get pods',
    ];
    expect(problemsOf(sh(...lines))).toEqual(['kubectl -n nowhere get pods: namespace nowhere is not in kubernetes/']);
  });

  test('and what exists is not', () => {
    const lines = [
      'kubectl -n networking rollout restart deployment/cloudflared --field-manager=flux-client-side-apply',
      'kubectl -n networking annotate externalsecret cloudflared force-sync="$(date +%s)" --overwrite',
      "kubectl -n kube-system get secret <name> -o jsonpath='{.data.ca\\.crt}' | base64 -d > ca.crt",
      'kubectl -n networking exec -it cloudflared-0 -- sh',
      'kubectl get pods -A -owide --field-selector=status.phase!=Running',
      'flux resume <kind> <name> -n <namespace>',
      'npm run -s drift -- --stack <cluster> --json',
      'pulumi up --refresh --stack <cluster>',
      'pulumi config set --path rotations.tunnel 2026-11-23 --stack <cluster>',
    ];
    expect(problemsOf(sh(...lines))).toEqual([]);
  });
});

test('lines are split as a shell does', () => {
  const words = (line: string): string[][] => split(line).map((command) => [...command.words]);
  expect(words(`f() { a --b="c d" '$e' "$@"; }`)).toEqual([['a', '--b=c d', '$e', '$@']]);
  expect(words('a <name of it> > out.txt 2>&1 # no')).toEqual([['a', '<name of it>']]);
  expect(words('for x in 1 2; do a "$x" | b; done')).toEqual([['a', '$x'], ['b']]);
});

test('help texts are read', () => {
  const text =
    'Use\n\nAliases:\n  it, that\n\nAvailable Commands:\n  all   a\n  of-it  b\n\nFlags:\n  -n, --name string   n\n      --mode a, b     m\n      --yes           y\n  -r, --refresh string[="true"]   r\n\nGlobal Flags:\n  -d, --debug   d\n';
  const { subcommands, aliases, flags, globalFlags } = readHelp(text);
  expect([subcommands, aliases, [...flags], [...globalFlags]]).toEqual([
    ['all', 'of-it'],
    ['it', 'that'],
    [
      ['-n', true],
      ['--name', true],
      ['--mode', true],
      ['--yes', false],
      ['-r', false],
      ['--refresh', false],
    ],
    [
      ['-d', false],
      ['--debug', false],
    ],
  ]);
  expect([...readHelp("Options:\n    -A, --all=false:\n\tText\n\n    --from='':\n\tText\n").flags]).toEqual([
    ['-A', false],
    ['--all', false],
    ['--from', true],
  ]);
});

test('the tables are about the versions that people install, or that run', () => {
  const minor = (version: string): string => version.replace(/^v/, '').split('.').slice(0, 2).join('.');
  const installed = (tool: string): string[] => [
    new RegExp(`^${tool} = "([^"]+)"`, 'm').exec(read('.mise.toml'))?.[1] ?? '',
  ];
  const setting = (key: string): string[] =>
    listClusters(root).map((name) => readClusterSettings(root, name).values[key] ?? '');
  const expected: Record<(typeof tabled)[number], string[]> = {
    kubectl: installed('kubectl'),
    helm: installed('helm'),
    pulumi: installed('pulumi'),
    flux: installed('flux2'),
    talosctl: installed('talosctl'),
    'cilium-dbg': setting('CILIUM_VERSION'),
    'clustermesh-apiserver': setting('CILIUM_VERSION'),
    hubble: setting('CILIUM_VERSION'),
    ceph: setting('ROOK_CEPH_IMAGE_TAG').filter((tag) => tag !== ''),
  };
  for (const tool of tabled) {
    const table = minor(readTable(tool).version);
    expect([tool, expected[tool].filter((version) => minor(version) !== table)]).toEqual([tool, []]);
  }
});

test('what makes other objects is in kubernetes/', () => {
  const { objects } = readObjects(root);
  const makers = Object.values(madeObjects().made).filter((maker) => maker !== 'the program' && !pages.includes(maker));
  expect(makers.filter((maker) => !objects.has(maker))).toEqual([]);
});

describe('pages', () => {
  const links = (text: string): string[] => [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  const anchors = (text: string): string[] =>
    [...text.replace(/^```[^]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    );

  test.each(pages)('the sections that %s links to exist', (page) => {
    const dead = links(textOf(page)).filter((link) => {
      const [target = '', anchor] = link.split('#');
      if (anchor === undefined || /^\w+:/.test(link)) return false;
      const path = target === '' ? join(folder, page) : join(folder, target);
      return !anchors(read(path)).includes(anchor);
    });
    expect(dead).toEqual([]);
  });

  test('every one is in the index', () => {
    const listed = links(textOf('README.md')).map((link) => link.split('#')[0]);
    expect(pages.filter((page) => page !== 'README.md' && !listed.includes(page))).toEqual([]);
  });

  // Sections of the other pages are about an alert each (tests/rules/alerts.test.ts), or notes.
  const topics = new Set(readTopics().map(({ name }) => `${name}.md`));
  test.each(pages.filter((page) => page !== 'README.md' && !topics.has(page)))(
    'every section of %s says what to check, do and verify',
    (page) => {
      const sections = textOf(page).split(/^## /m).slice(1);
      const lacking = sections.filter((text) => !/^1\. Check.*^2\. Do.*^3\. Verify/ms.test(text));
      expect(lacking.map((text) => text.split('\n', 1)[0])).toEqual([]);
    },
  );
});
