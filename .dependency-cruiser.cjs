const { join } = require('node:path');

// The rooms from top to bottom: a room may import those below it and none above. `tools` is separate: it provides the
// pinned programs, and imports no room but net.
const rooms = [
  '^(lab|bench)/',
  '^cli/',
  '^(index\\.ts$|stacks/)',
  '^components/',
  '^provider/',
  '^clients/',
  '^cluster/',
  '^gitops/',
  '^net/',
];
const program = rooms.slice(2);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...rooms.slice(1).map((room, index) => ({
      name: `no-import-upward-from-${/\w+/.exec(room)[0]}`,
      severity: 'error',
      from: { path: room },
      to: { path: rooms.slice(0, index + 1) },
    })),
    {
      name: 'clients-independent-of-clusters',
      comment: 'A client knows one external API; only its callers know what a cluster is.',
      severity: 'error',
      from: { path: '^clients/' },
      to: { path: ['^cluster/', '^gitops/', 'node_modules/@pulumi/'] },
    },
    {
      name: 'program-without-tools-and-tests',
      severity: 'error',
      from: { path: program },
      to: { path: ['^tools/', '^tests/'] },
    },
    {
      name: 'tools-import-no-room',
      comment: 'Except net, whose functions are pure: which proxy applies to a URL is decided in one place.',
      severity: 'error',
      from: { path: '^tools/' },
      to: { path: rooms.slice(0, -1) },
    },
    {
      name: 'decisions-without-pulumi',
      severity: 'error',
      from: { path: '^(cluster|gitops|net)/' },
      to: { path: 'node_modules/@pulumi' },
    },
    {
      name: 'gitops-is-pure',
      comment: 'Reads files and computes; starts no processes and opens no connections.',
      severity: 'error',
      from: { path: '^(gitops|net)/' },
      to: { path: ['^(node:)?(child_process|http|https|net|tls|dgram)$', 'node_modules/(undici|execa)/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(\\.lab|sdks)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: join(__dirname, 'tsconfig.json') },
    enhancedResolveOptions: { mainFields: ['main', 'types'] },
  },
};
