package controlplane

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"github.com/siderolabs/talos/pkg/machinery/config"
)

const (
	controllerManagerPort = 10257
	schedulerPort         = 10259
	kwokPort              = 10247
)

// apiServerURL returns the address of this machine's own kube-apiserver.
func (r *Runner) apiServerURL() string { return "https://" + r.settings.APIListen }

func (r *Runner) adminKubeconfigFile() string {
	return filepath.Join(r.settings.StateDir, "admin.kubeconfig")
}

func (r *Runner) kubernetesPKI(cfg config.Provider) error {
	cluster := cfg.Cluster()
	serviceIPs, err := cluster.Network().APIServerIPs()
	if err != nil {
		return err
	}
	ips := []net.IP{net.ParseIP(r.loopback), net.ParseIP(r.settings.Address), net.IPv4(127, 0, 0, 1)}
	names := []string{
		r.hostname(cfg), "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
		"kubernetes.default.svc." + cluster.Network().DNSDomain(),
	}
	for _, ip := range serviceIPs {
		ips = append(ips, ip.AsSlice())
	}
	for _, name := range append(cluster.CertSANs(), cluster.Endpoint().Hostname()) {
		if address, err := netip.ParseAddr(name); err == nil {
			ips = append(ips, address.AsSlice())
		} else {
			names = append(names, name)
		}
	}
	for name, content := range map[string][]byte{
		"ca.crt":              cluster.IssuingCA().Crt,
		"ca.key":              cluster.IssuingCA().Key,
		"aggregator-ca.crt":   cluster.AggregatorCA().Crt,
		"service-account.key": cluster.ServiceAccount().Key,
	} {
		if err := r.pki.write(name, content); err != nil {
			return err
		}
	}
	server := identity{commonName: "kube-apiserver", ips: ips, dnsNames: names, usages: serverUsage}
	if err := r.pki.pair("apiserver", cluster.IssuingCA(), server); err != nil {
		return err
	}
	proxy := identity{commonName: "front-proxy-client", usages: clientUsage}
	if err := r.pki.pair("front-proxy-client", cluster.AggregatorCA(), proxy); err != nil {
		return err
	}
	for name, id := range map[string]identity{
		"controller-manager": {commonName: "system:kube-controller-manager"},
		"scheduler":          {commonName: "system:kube-scheduler"},
	} {
		content, err := kubeconfig(cfg, r.apiServerURL(), id)
		if err != nil {
			return err
		}
		if err := r.pki.write(name+".kubeconfig", content); err != nil {
			return err
		}
	}
	return nil
}

// egressConfig makes the API server dial Services through the lab's CONNECT proxy, which leads into the pod network.
func (r *Runner) egressConfig() (string, error) {
	content := fmt.Sprintf(`apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
  - name: cluster
    connection:
      proxyProtocol: HTTPConnect
      transport:
        uds:
          udsName: %q
`, r.settings.EgressSocket)
	return r.pki.path("egress.yaml"), r.pki.write("egress.yaml", []byte(content))
}

func (r *Runner) apiServer(cfg config.Provider) (map[string]string, error) {
	host, port, err := net.SplitHostPort(r.settings.APIListen)
	if err != nil {
		return nil, fmt.Errorf("apiListen: %w", err)
	}
	arguments := map[string]string{
		"etcd-servers":                       clientURL(r.loopback),
		"etcd-cafile":                        r.pki.path("etcd-ca.crt"),
		"etcd-certfile":                      r.pki.path("etcd-client.crt"),
		"etcd-keyfile":                       r.pki.path("etcd-client.key"),
		"bind-address":                       host,
		"secure-port":                        port,
		"advertise-address":                  r.settings.Address,
		"tls-cert-file":                      r.pki.path("apiserver.crt"),
		"tls-private-key-file":               r.pki.path("apiserver.key"),
		"client-ca-file":                     r.pki.path("ca.crt"),
		"requestheader-client-ca-file":       r.pki.path("aggregator-ca.crt"),
		"requestheader-allowed-names":        "front-proxy-client",
		"requestheader-extra-headers-prefix": "X-Remote-Extra-",
		"requestheader-group-headers":        "X-Remote-Group",
		"requestheader-username-headers":     "X-Remote-User",
		"proxy-client-cert-file":             r.pki.path("front-proxy-client.crt"),
		"proxy-client-key-file":              r.pki.path("front-proxy-client.key"),
		"service-account-key-file":           r.pki.path("service-account.key"),
		"service-account-signing-key-file":   r.pki.path("service-account.key"),
		"service-account-issuer":             cfg.Cluster().Endpoint().String(),
		"api-audiences":                      cfg.Cluster().Endpoint().String(),
		"authorization-mode":                 "Node,RBAC",
		"enable-admission-plugins":           "NodeRestriction",
		"service-cluster-ip-range":           strings.Join(cfg.Cluster().Network().ServiceCIDRs(), ","),
		"allow-privileged":                   "true",
		"anonymous-auth":                     "false",
		"enable-bootstrap-token-auth":        "true",
		"profiling":                          "false",
	}
	if r.settings.EgressSocket != "" {
		file, err := r.egressConfig()
		if err != nil {
			return nil, err
		}
		arguments["egress-selector-config-file"] = file
	}
	admission, err := r.admissionConfig(cfg)
	if err != nil {
		return nil, err
	}
	if admission != "" {
		arguments["admission-control-config-file"] = admission
	}
	maps.Copy(arguments, cfg.Cluster().APIServer().ExtraArgs())
	return arguments, nil
}

// leaderElect is only needed if there is more than one: taking over a lease costs a restarted lab a quarter of a minute.
func (r *Runner) leaderElect() string { return strconv.FormatBool(r.settings.APIServerOn == "all") }

func (r *Runner) controllerManager(cfg config.Provider) map[string]string {
	arguments := map[string]string{
		"kubeconfig":                       r.pki.path("controller-manager.kubeconfig"),
		"authentication-kubeconfig":        r.pki.path("controller-manager.kubeconfig"),
		"authorization-kubeconfig":         r.pki.path("controller-manager.kubeconfig"),
		"bind-address":                     r.loopback,
		"secure-port":                      strconv.Itoa(controllerManagerPort),
		"service-account-private-key-file": r.pki.path("service-account.key"),
		"root-ca-file":                     r.pki.path("ca.crt"),
		"cluster-signing-cert-file":        r.pki.path("ca.crt"),
		"cluster-signing-key-file":         r.pki.path("ca.key"),
		"use-service-account-credentials":  "true",
		"allocate-node-cidrs":              "true",
		"cluster-cidr":                     strings.Join(cfg.Cluster().Network().PodCIDRs(), ","),
		"service-cluster-ip-range":         strings.Join(cfg.Cluster().Network().ServiceCIDRs(), ","),
		"leader-elect":                     r.leaderElect(),
		"profiling":                        "false",
	}
	maps.Copy(arguments, cfg.Cluster().ControllerManager().ExtraArgs())
	return r.onThisMachine(arguments)
}

// onThisMachine makes of every address of the host, which all simulated machines share, the one of this machine.
func (r *Runner) onThisMachine(arguments map[string]string) map[string]string {
	if address := net.ParseIP(arguments["bind-address"]); address != nil && address.IsUnspecified() {
		arguments["bind-address"] = r.loopback
	}
	return arguments
}

func (r *Runner) scheduler(cfg config.Provider) map[string]string {
	arguments := map[string]string{
		"kubeconfig":                r.pki.path("scheduler.kubeconfig"),
		"authentication-kubeconfig": r.pki.path("scheduler.kubeconfig"),
		"authorization-kubeconfig":  r.pki.path("scheduler.kubeconfig"),
		"bind-address":              r.loopback,
		"secure-port":               strconv.Itoa(schedulerPort),
		"leader-elect":              r.leaderElect(),
		"profiling":                 "false",
	}
	maps.Copy(arguments, cfg.Cluster().Scheduler().ExtraArgs())
	return r.onThisMachine(arguments)
}

// kwok runs the pods of this machine's node, as its kubelet would.
func (r *Runner) kwok(node, kubeconfig string) (*child, error) {
	stages := filepath.Join(r.settings.StateDir, "kwok.yaml")
	if err := os.WriteFile(stages, []byte(kwokConfiguration), 0o600); err != nil {
		return nil, err
	}
	pods := r.kubernetesChild("kwok", r.settings.Binaries.Kwok, map[string]string{
		"kubeconfig":         kubeconfig,
		"config":             stages,
		"manage-single-node": node,
		// The machine itself holds the node's lease.
		"node-lease-duration-seconds": "0",
		"server-address":              net.JoinHostPort(r.loopback, strconv.Itoa(kwokPort)),
	})
	// Otherwise KWOK reads its own settings from the home directory.
	pods.env = []string{"HOME=" + r.settings.StateDir}
	return pods, nil
}

func (r *Runner) kubernetesChild(name, binary string, arguments map[string]string) *child {
	command := []string{binary}
	for argument, value := range arguments {
		command = append(command, "--"+argument+"="+value)
	}
	sort.Strings(command[1:])
	return newChild(name, r.settings.LogDir, r.logger, command...)
}
