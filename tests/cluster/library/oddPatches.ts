/** A machine with patches that are merged in a way that one would not guess. */
export interface OddPatches {
  name: string;
  machineType?: 'controlplane' | 'worker';
  talosVersion?: string;
  patches: string[];
}

const yaml = (...patches: string[]): string[] => patches;

/** Every rule of the library's merge and deletion, each where it shows; also what the library refuses. */
export const oddPatches: readonly OddPatches[] = [
  { name: 'nothing', patches: [] },
  { name: 'a worker without patches, format 1.8', machineType: 'worker', talosVersion: 'v1.8', patches: [] },
  { name: 'a later format than the library', talosVersion: 'v1.15', patches: [] },
  // Lists.
  { name: 'lists are appended', patches: yaml('machine: {certSANs: [a]}', 'machine: {certSANs: [b, a]}') },
  { name: 'an empty list changes nothing', patches: yaml('machine: {certSANs: [a]}', 'machine: {certSANs: []}') },
  {
    name: 'subnets are replaced',
    patches: yaml('cluster: {network: {podSubnets: [10.1.0.0/16], serviceSubnets: [10.2.0.0/16, fd00::/112]}}'),
  },
  { name: 'an empty list replaces, too', patches: yaml('cluster: {network: {podSubnets: []}}') },
  {
    name: 'audit policy is replaced',
    patches: yaml(
      'cluster: {apiServer: {auditPolicy: {apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None}]}}}',
    ),
  },
  {
    name: 'lists of untyped maps, and untyped maps of pointers',
    patches: yaml(
      'cluster: {apiServer: {resources: {requests: {cpu: 1}, limits: {}}}}',
      'cluster: {apiServer: {resources: {requests: {memory: 1Gi}}}}',
    ),
  },
  { name: 'an empty audit policy changes nothing', patches: yaml('cluster: {apiServer: {auditPolicy: {}}}') },
  // Lists with keys.
  {
    name: 'interfaces by name',
    patches: yaml(
      'machine: {network: {interfaces: [{interface: eth0, addresses: [10.0.0.1/24], mtu: 1500}, {interface: eth1}]}}',
      'machine: {network: {interfaces: [{interface: eth0, addresses: [10.0.0.2/24], mtu: 9000, dhcp: false}, {interface: eth2}]}}',
    ),
  },
  {
    name: 'interfaces by selector',
    patches: yaml(
      'machine: {network: {interfaces: [{deviceSelector: {busPath: "0*"}, mtu: 1500}, {deviceSelector: {driver: a}}]}}',
      'machine: {network: {interfaces: [{deviceSelector: {busPath: "0*"}, mtu: 9000}, {deviceSelector: {driver: b}}]}}',
    ),
  },
  {
    name: 'selectors with physical are never the same',
    patches: yaml(
      'machine: {network: {interfaces: [{deviceSelector: {physical: true}, mtu: 1500}]}}',
      'machine: {network: {interfaces: [{deviceSelector: {physical: true}, mtu: 9000}]}}',
    ),
  },
  {
    name: 'interfaces without name or selector',
    patches: yaml('machine: {network: {interfaces: [{mtu: 1500}]}}', 'machine: {network: {interfaces: [{mtu: 9000}]}}'),
  },
  {
    name: 'vlans by id, and routes that are not left out',
    patches: yaml(
      'machine: {network: {interfaces: [{interface: eth0, vlans: [{vlanId: 5, mtu: 1500}, {vlanId: 6}]}]}}',
      'machine: {network: {interfaces: [{interface: eth0, vlans: [{vlanId: 5, dhcp: true}, {vlanId: 7, routes: [{network: 0.0.0.0/0}]}]}]}}',
    ),
  },
  {
    name: 'admission plugins by name, untyped maps merge',
    patches: yaml(
      'cluster: {apiServer: {admissionControl: [{name: PodSecurity, configuration: {defaults: {enforce: privileged}, exemptions: {namespaces: [a]}}}, {name: Other, configuration: {a: 1}}]}}',
    ),
  },
  {
    name: 'config files by path, environment is appended',
    patches: yaml(
      'apiVersion: v1alpha1\nkind: ExtensionServiceConfig\nname: s\nconfigFiles: [{mountPath: /a, content: one}, {mountPath: /b, content: two}]\nenvironment: [A=1]\n',
      'apiVersion: v1alpha1\nkind: ExtensionServiceConfig\nname: s\nconfigFiles: [{mountPath: /a, content: three}, {mountPath: /c, content: four}]\nenvironment: [A=2]\n',
    ),
  },
  {
    name: 'arguments are replaced one by one',
    patches: yaml(
      'cluster: {apiServer: {extraArgs: {a: "1", b: x}}}',
      'cluster: {apiServer: {extraArgs: {b: z, c: "3", a: ""}}}',
    ),
  },
  // Nothing, empty and zero.
  { name: 'an empty text changes nothing', patches: yaml('machine: {install: {disk: ""}}') },
  { name: 'an empty text in a map is added', patches: yaml('machine: {nodeLabels: {a: ""}}') },
  {
    name: 'an empty text in a map does not replace',
    patches: yaml('machine: {nodeLabels: {a: x}}', 'machine: {nodeLabels: {a: "", b: y}}'),
  },
  { name: 'null changes nothing', patches: yaml('machine: {kubelet: null, install: {wipe: null}}') },
  { name: 'false replaces true', patches: yaml('machine: {features: {rbac: false, kubePrism: {enabled: false}}}') },
  { name: 'an empty map of a pointer is written', patches: yaml('machine: {time: {}, logging: {}, kernel: {}}') },
  { name: 'an empty map of a map is not', patches: yaml('machine: {sysctls: {}, nodeTaints: {}}') },
  { name: 'zero is left out', patches: yaml('machine: {network: {interfaces: [{interface: eth0, mtu: 0}]}}') },
  { name: 'numbers where a text belongs', patches: yaml('machine: {sysctls: {vm.a: 1, vm.b: true}}') },
  {
    name: 'durations',
    patches: yaml('machine: {time: {bootTimeout: 90s}}', 'cluster: {adminKubeconfig: {certLifetime: 48h}}'),
  },
  {
    name: 'untyped lists',
    patches: yaml('machine: {pods: [{kind: Pod, spec: {a: [1]}}]}', 'machine: {pods: [{kind: Pod}]}'),
  },
  {
    name: 'untyped maps',
    patches: yaml(
      'machine: {kubelet: {extraConfig: {a: {b: 1, l: [1]}, s: x, t: true}}}',
      'machine: {kubelet: {extraConfig: {a: {c: 2, l: [2]}, s: "", t: false}}}',
    ),
  },
  { name: 'files', patches: yaml('machine: {files: [{path: /var/a, permissions: 0o600, op: create, content: a}]}') },
  {
    name: 'inline manifests',
    patches: yaml('cluster: {inlineManifests: [{name: a, contents: "\\n\\napiVersion: v1"}]}'),
  },
  {
    name: 'a readonly mount',
    patches: yaml('cluster: {apiServer: {extraVolumes: [{hostPath: /a, mountPath: /b, readonly: true}]}}'),
  },
  {
    name: 'registries',
    patches: yaml(
      'machine: {registries: {mirrors: {a: {endpoints: [https://a], overridePath: true}}}}',
      'machine: {registries: {mirrors: {a: {endpoints: [https://b]}, b: {endpoints: [https://c]}}, config: {a: {tls: {insecureSkipVerify: true}}}}}',
    ),
  },
  // Documents.
  {
    name: 'documents of one kind and name merge, others are appended',
    patches: yaml(
      'apiVersion: v1alpha1\nkind: EthernetConfig\nname: eth0\nrings: {rx: 1024}\n',
      'apiVersion: v1alpha1\nkind: EthernetConfig\nname: eth0\nrings: {tx: 512}\n---\napiVersion: v1alpha1\nkind: EthernetConfig\nname: eth1\nfeatures: {a: true}\n',
    ),
  },
  {
    name: 'minimum size and selector are lost where a patch does not repeat it',
    patches: yaml(
      'apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: data\nprovisioning: {diskSelector: {match: system_disk}, minSize: 10GB, maxSize: 20GB}\n',
      'apiVersion: v1alpha1\nkind: UserVolumeConfig\nname: data\nprovisioning: {grow: true, maxSize: 50%}\n',
    ),
  },
  {
    name: 'firewall rules replace ports and sources',
    patches: yaml(
      'apiVersion: v1alpha1\nkind: NetworkRuleConfig\nname: r\nportSelector: {ports: [50000, 10-20], protocol: tcp}\ningress: [{subnet: 10.0.0.0/8}]\n',
      'apiVersion: v1alpha1\nkind: NetworkRuleConfig\nname: r\nportSelector: {ports: [6443], protocol: tcp}\ningress: [{subnet: 10.1.0.0/16}]\n',
    ),
  },
  {
    name: 'the hostname of format 1.12',
    talosVersion: 'v1.12',
    patches: yaml('apiVersion: v1alpha1\nkind: HostnameConfig\nauto: off\nhostname: node\n'),
  },
  {
    name: 'variables of the environment',
    patches: yaml('apiVersion: v1alpha1\nkind: EnvironmentConfig\nvariables: {A: b}\n', 'machine: {env: {C: d}}'),
  },
  { name: 'a document with a comment only', patches: yaml('# nothing\n---\nmachine: {certSANs: [a]}\n---\n') },
  // Deletions.
  {
    name: 'delete a key of a map',
    patches: yaml('machine: {nodeLabels: {node.kubernetes.io/exclude-from-external-load-balancers: {$patch: delete}}}'),
  },
  { name: 'delete a struct', patches: yaml('machine: {features: {kubePrism: {$patch: delete}}}') },
  { name: 'delete a struct that is missing', patches: yaml('machine: {logging: {$patch: delete}}') },
  {
    name: 'delete and add in one patch',
    patches: yaml('machine: {features: {hostDNS: {$patch: delete}}, certSANs: [a]}'),
  },
  {
    name: 'delete an item of a list',
    patches: yaml(
      'machine: {network: {interfaces: [{interface: eth0}, {interface: eth1}]}}',
      'machine: {network: {interfaces: [{interface: eth0, $patch: delete}]}}',
    ),
  },
  {
    name: 'delete a plugin of the API server',
    patches: yaml('cluster: {apiServer: {admissionControl: [{name: PodSecurity, $patch: delete}]}}'),
  },
  {
    name: 'delete a document',
    patches: yaml(
      'apiVersion: v1alpha1\nkind: EthernetConfig\nname: eth0\nrings: {rx: 1024}\n',
      'apiVersion: v1alpha1\nkind: EthernetConfig\nname: eth0\n$patch: delete\n',
    ),
  },
  {
    name: 'delete the hostname of format 1.12',
    talosVersion: 'v1.12',
    patches: yaml('apiVersion: v1alpha1\nkind: HostnameConfig\n$patch: delete\n'),
  },
  // Refused.
  { name: 'refused: delete a key that is missing', patches: yaml('machine: {nodeLabels: {a: {$patch: delete}}}') },
  {
    name: 'refused: delete below what is missing',
    patches: yaml('machine: {logging: {destinations: {$patch: delete}}}'),
  },
  { name: 'refused: delete the main document', patches: yaml('$patch: delete\nversion: v1alpha1\n') },
  {
    name: 'refused: delete below an item of a list',
    patches: yaml('machine: {network: {interfaces: [{interface: eth0, vip: {$patch: delete}}]}}'),
  },
  {
    name: 'refused: delete an item by a number',
    patches: yaml('machine: {network: {interfaces: [{mtu: 1500, $patch: delete}]}}'),
  },
  { name: 'refused: an unknown key', patches: yaml('machine: {nosuchkey: 1}') },
  { name: 'refused: an unknown kind', patches: yaml('apiVersion: v1alpha1\nkind: NoSuchConfig\n') },
  { name: 'refused: a document without apiVersion', patches: yaml('kind: EthernetConfig\nname: eth0\n') },
  { name: 'refused: a list as an argument', patches: yaml('cluster: {apiServer: {extraArgs: {a: [b, c]}}}') },
  { name: 'refused: a text where a map belongs', patches: yaml('machine: {kubelet: x}') },
  { name: 'refused: a text where a list belongs', patches: yaml('machine: {certSANs: x}') },
  { name: 'refused: a text where a truth belongs', patches: yaml('machine: {install: {wipe: "maybe"}}') },
  {
    name: 'refused: another kind of untyped value',
    patches: yaml('machine: {kubelet: {extraConfig: {a: 1}}}', 'machine: {kubelet: {extraConfig: {a: x}}}'),
  },
];
