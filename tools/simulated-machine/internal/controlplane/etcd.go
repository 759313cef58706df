package controlplane

import (
	"context"
	"crypto/tls"
	stdx509 "crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

const etcdClientPort, etcdPeerPort = 2379, 2380

func (r *Runner) etcdDataDir() string { return filepath.Join(r.settings.StateDir, "etcd") }

// initialClusterFile stores the initial cluster this member was started with: a restart must use the same.
func (r *Runner) initialClusterFile() string {
	return filepath.Join(r.settings.StateDir, "etcd-initial-cluster")
}

func clientURL(ip string) string { return fmt.Sprintf("https://%s:%d", ip, etcdClientPort) }
func peerURL(ip string) string   { return fmt.Sprintf("https://%s:%d", ip, etcdPeerPort) }

// dirty reports whether the etcd data directory contains data.
func (r *Runner) dirty() bool {
	entries, err := os.ReadDir(r.etcdDataDir())
	return err == nil && len(entries) > 0
}

func (r *Runner) etcdPKI(cfg config.Provider) error {
	ca := cfg.Cluster().Etcd().CA()
	if err := r.pki.write("etcd-ca.crt", ca.Crt); err != nil {
		return err
	}
	ips := []net.IP{net.ParseIP(r.loopback), net.ParseIP(r.settings.Address), net.IPv4(127, 0, 0, 1)}
	names := []string{r.hostname(cfg), "localhost"}
	for name, id := range map[string]identity{
		"etcd":        {commonName: r.hostname(cfg), ips: ips, dnsNames: names, usages: peerUsage},
		"etcd-client": {commonName: "kube-apiserver-etcd-client", usages: clientUsage},
	} {
		if err := r.pki.pair(name, ca, id); err != nil {
			return err
		}
	}
	return nil
}

// etcdChild returns the member's process; state is "new" for the first member and "existing" for one that joins.
func (r *Runner) etcdChild(cfg config.Provider, initialCluster, state string) *child {
	command := []string{
		r.settings.Binaries.Etcd,
		"--name", r.hostname(cfg),
		"--data-dir", r.etcdDataDir(),
		"--listen-client-urls", clientURL(r.loopback),
		"--advertise-client-urls", clientURL(r.loopback),
		"--listen-peer-urls", peerURL(r.loopback),
		"--initial-advertise-peer-urls", peerURL(r.loopback),
		"--initial-cluster", initialCluster,
		"--initial-cluster-state", state,
		"--cert-file", r.pki.path("etcd.crt"), "--key-file", r.pki.path("etcd.key"),
		"--peer-cert-file", r.pki.path("etcd.crt"), "--peer-key-file", r.pki.path("etcd.key"),
		"--trusted-ca-file", r.pki.path("etcd-ca.crt"), "--peer-trusted-ca-file", r.pki.path("etcd-ca.crt"),
		"--client-cert-auth", "--peer-client-cert-auth",
		// Two clusters share one machine's disk and CPUs: no fsync, long election timeouts.
		"--unsafe-no-fsync", "--heartbeat-interval", "500", "--election-timeout", "5000",
		"--log-level", "warn",
	}
	// Where every machine has an address of its own, etcd may listen on all of them.
	if metrics := cfg.Cluster().Etcd().ExtraArgs()["listen-metrics-urls"]; metrics != "" {
		command = append(command, "--listen-metrics-urls", everyAddress.ReplaceAllLiteralString(metrics, "//"+r.loopback+":"))
	}
	return newChild("etcd", r.settings.LogDir, r.logger, command...)
}

// everyAddress is the host of a URL to listen on all addresses.
var everyAddress = regexp.MustCompile(`//(0\.0\.0\.0|\[::\]):`)

func (r *Runner) etcdConnect(endpoints ...string) (*clientv3.Client, error) {
	if len(endpoints) == 0 {
		return nil, errNoEndpoint
	}
	pair, err := tls.LoadX509KeyPair(r.pki.path("etcd-client.crt"), r.pki.path("etcd-client.key"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(r.pki.path("etcd-ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := stdx509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	return clientv3.New(clientv3.Config{
		Endpoints:   endpoints,
		DialTimeout: 2 * time.Second,
		TLS:         &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots, MinVersion: tls.VersionTLS12},
		Logger:      zap.NewNop(),
	})
}

// startEtcd runs the member: the one of before, else the first one as soon as it is bootstrapped here, else one that joins.
func (r *Runner) startEtcd(ctx context.Context, cfg config.Provider) error {
	if err := r.etcdPKI(cfg); err != nil {
		return err
	}
	initial, state, err := r.initialCluster(ctx, cfg)
	if err != nil {
		return err
	}
	member := r.etcdChild(cfg, initial, state)
	r.mutex.Lock()
	if r.cancel == nil {
		r.mutex.Unlock()
		return context.Canceled
	}
	r.logger.Printf("starting etcd (%s): %s", state, initial)
	r.etcd = member
	member.start()
	r.background(r.watchEtcd)
	if state == "existing" {
		r.background(r.promote)
	}
	r.mutex.Unlock()
	return nil
}

// initialCluster returns etcd's arguments of these names. It waits until the machine is bootstrapped or has joined.
func (r *Runner) initialCluster(ctx context.Context, cfg config.Provider) (initial, state string, err error) {
	first := r.hostname(cfg) + "=" + peerURL(r.loopback)
	for {
		if r.bootstrapped() {
			return first, "new", nil
		}
		if content, err := os.ReadFile(r.initialClusterFile()); err == nil {
			return string(content), "existing", nil
		}
		for _, peer := range r.otherPeers() {
			joined, err := r.joinThrough(ctx, cfg, peer)
			if err != nil {
				continue
			}
			return joined, "existing", os.WriteFile(r.initialClusterFile(), []byte(joined), 0o600)
		}
		if err := pause(ctx, 300*time.Millisecond); err != nil {
			return "", "", err
		}
	}
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, duration time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(duration):
		return nil
	}
}

func accepts(host string, port int) bool {
	connection, err := net.DialTimeout("tcp", net.JoinHostPort(host, fmt.Sprint(port)), 300*time.Millisecond)
	if err == nil {
		_ = connection.Close()
	}
	return err == nil
}

// joinThrough adds this machine to the cluster that a peer is a member of, as a learner, like Talos. It has no data, so a
// member of its name is one that it was before: that one is removed.
func (r *Runner) joinThrough(ctx context.Context, cfg config.Provider, peer string) (string, error) {
	if !accepts(peer, etcdClientPort) {
		return "", errNoEndpoint
	}
	client, err := r.etcdConnect(clientURL(peer))
	if err != nil {
		return "", err
	}
	defer client.Close() //nolint:errcheck
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	listed, err := client.MemberList(ctx)
	if err != nil {
		return "", err
	}
	members := listed.Members
	added := false
	for _, member := range members {
		if member.Name == r.hostname(cfg) {
			r.logger.Printf("etcd: removing the member %x, which this machine was before", member.ID)
			if _, err := client.MemberRemove(ctx, member.ID); err != nil {
				return "", fmt.Errorf("error removing self from the member list: %w", err)
			}
			continue
		}
		// Added, and killed before it started.
		added = added || slices.Contains(member.PeerURLs, peerURL(r.loopback))
	}
	if !added {
		if _, err := client.MemberAddAsLearner(ctx, []string{peerURL(r.loopback)}); err != nil {
			return "", err
		}
	}
	if listed, err = client.MemberList(ctx); err != nil {
		return "", err
	}
	var initial []string
	for _, member := range listed.Members {
		name := member.Name
		if slices.Contains(member.PeerURLs, peerURL(r.loopback)) {
			name = r.hostname(cfg)
		}
		if name == "" {
			return "", fmt.Errorf("member %x has not started yet", member.ID)
		}
		for _, address := range member.PeerURLs {
			initial = append(initial, name+"="+address)
		}
	}
	sort.Strings(initial)
	return strings.Join(initial, ","), nil
}

// promote makes this machine's learner a voting member as soon as it has caught up.
func (r *Runner) promote(ctx context.Context) {
	for pause(ctx, r.Delays.Promotion) == nil {
		if r.promoted(ctx) {
			return
		}
	}
}

func (r *Runner) promoted(ctx context.Context) bool {
	// A learner cannot promote itself.
	client, err := r.etcdConnect(r.memberURLs(r.otherPeers())...)
	if err != nil {
		return false
	}
	defer client.Close() //nolint:errcheck
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	listed, err := client.MemberList(ctx)
	if err != nil {
		return false
	}
	for _, member := range listed.Members {
		if !slices.Contains(member.PeerURLs, peerURL(r.loopback)) {
			continue
		}
		if !member.IsLearner {
			return true
		}
		_, err = client.MemberPromote(ctx, member.ID)
		return err == nil
	}
	return false
}

// watchEtcd keeps etcdHealthy, as the health check of the service does.
func (r *Runner) watchEtcd(ctx context.Context) {
	client, err := r.etcdConnect(clientURL(r.loopback))
	if err != nil {
		r.logger.Printf("etcd: %v", err)
		return
	}
	defer client.Close() //nolint:errcheck
	for interval := 200 * time.Millisecond; pause(ctx, interval) == nil; {
		err := quorum(ctx, client)
		r.mutex.Lock()
		r.etcdHealthy = err == nil && r.etcd != nil && r.etcd.running()
		if r.etcdHealthy {
			interval = 2 * time.Second
		}
		r.mutex.Unlock()
	}
}

// Leave removes this machine's member from etcd, stops it and deletes its data. It does nothing if there is no member; etcd
// returns an error for the last member.
func (r *Runner) Leave(ctx context.Context) error {
	if !r.dirty() {
		return nil
	}
	client, err := r.etcdConnect(clientURL(r.loopback))
	if err != nil {
		return err
	}
	defer client.Close() //nolint:errcheck
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	if err := r.removeSelf(ctx, client); err != nil {
		return err
	}
	r.logger.Printf("etcd: left the cluster")
	r.mutex.Lock()
	member := r.etcd
	r.etcdHealthy = false
	r.mutex.Unlock()
	if member != nil {
		member.stop()
	}
	return r.wipeEtcd()
}

func (r *Runner) removeSelf(ctx context.Context, client *clientv3.Client) error {
	alarms, err := client.AlarmList(ctx)
	if err != nil {
		return err
	}
	own := alarms.Header.MemberId
	// The election time-out of the lab is five times that of Talos: without this, the others would be without a leader for long.
	if _, err := forfeitLeadership(ctx, client, own); err != nil {
		r.logger.Printf("etcd: %v", err)
	}
	for {
		_, err := client.MemberRemove(ctx, own)
		switch {
		case err == nil, errors.Is(err, rpctypes.ErrMemberNotFound):
			return nil
		case errors.Is(err, rpctypes.ErrUnhealthy), errors.Is(err, rpctypes.ErrStopped):
			// The other members have not been connected long enough, or this one is shutting down.
		default:
			return fmt.Errorf("failed to remove member %d: %w", own, err)
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

func (r *Runner) wipeEtcd() error {
	var failures []error
	for _, path := range []string{r.etcdDataDir(), r.initialClusterFile(), r.bootstrappedFile()} {
		failures = append(failures, os.RemoveAll(path))
	}
	return errors.Join(failures...)
}

func (r *Runner) otherPeers() []string {
	var peers []string
	for _, loopback := range r.settings.Peers {
		if loopback != r.loopback {
			peers = append(peers, loopback)
		}
	}
	sort.Strings(peers)
	return peers
}
