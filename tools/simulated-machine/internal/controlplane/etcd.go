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
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
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
	return newChild("etcd", r.settings.LogDir, r.logger,
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
	)
}

func (r *Runner) etcdConnect(endpoint string) (*clientv3.Client, error) {
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
		Endpoints:   []string{endpoint},
		DialTimeout: 2 * time.Second,
		TLS:         &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots, MinVersion: tls.VersionTLS12},
		Logger:      zap.NewNop(),
	})
}

// join adds this machine to the etcd cluster bootstrapped by another control plane, first as a learner, like Talos. It
// retries until it succeeds or ctx is done.
func (r *Runner) join(ctx context.Context, cfg config.Provider) (string, error) {
	for {
		for _, peer := range r.otherPeers() {
			initial, err := r.joinThrough(ctx, cfg, peer)
			if err == nil {
				return initial, nil
			}
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (r *Runner) joinThrough(ctx context.Context, cfg config.Provider, peer string) (string, error) {
	connection, err := net.DialTimeout("tcp", net.JoinHostPort(peer, fmt.Sprint(etcdClientPort)), 300*time.Millisecond)
	if err != nil {
		return "", err
	}
	_ = connection.Close()
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
	isMember := false
	for _, member := range members {
		isMember = isMember || slices.Contains(member.PeerURLs, peerURL(r.loopback))
	}
	if !isMember {
		added, err := client.MemberAddAsLearner(ctx, []string{peerURL(r.loopback)})
		if err != nil {
			return "", err
		}
		members = added.Members
	}
	var initial []string
	for _, member := range members {
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
	for ctx.Err() == nil {
		if r.promoted(ctx) {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (r *Runner) promoted(ctx context.Context) bool {
	for _, peer := range append([]string{r.loopback}, r.otherPeers()...) {
		client, err := r.etcdConnect(clientURL(peer))
		if err != nil {
			continue
		}
		short, cancel := context.WithTimeout(ctx, 3*time.Second)
		listed, err := client.MemberList(short)
		if err == nil {
			for _, member := range listed.Members {
				if !slices.Contains(member.PeerURLs, peerURL(r.loopback)) {
					continue
				}
				if member.IsLearner {
					_, err = client.MemberPromote(short, member.ID)
				}
				if err == nil {
					cancel()
					_ = client.Close()
					return true
				}
			}
		}
		cancel()
		_ = client.Close()
	}
	return false
}

// EtcdMembers lists the members of this machine's etcd.
func (r *Runner) EtcdMembers(ctx context.Context) ([]*machine.EtcdMember, error) {
	client, err := r.etcdConnect(clientURL(r.loopback))
	if err != nil {
		return nil, err
	}
	defer client.Close() //nolint:errcheck
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	listed, err := client.MemberList(ctx)
	if err != nil {
		return nil, err
	}
	var members []*machine.EtcdMember
	for _, member := range listed.Members {
		members = append(members, &machine.EtcdMember{
			Id:         member.ID,
			Hostname:   member.Name,
			PeerUrls:   member.PeerURLs,
			ClientUrls: member.ClientURLs,
			IsLearner:  member.IsLearner,
		})
	}
	return members, nil
}

// Leave removes this machine's member from etcd, as a graceful reset does. It does nothing if there is no member; etcd
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
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	listed, err := client.MemberList(ctx)
	if err != nil {
		return err
	}
	own := listed.Header.MemberId
	if state, err := client.Status(ctx, clientURL(r.loopback)); err == nil && state.Leader == own {
		// Move leadership first, so that the others need no election afterwards.
		for _, member := range listed.Members {
			if member.ID == own || member.IsLearner {
				continue
			}
			if _, err := client.MoveLeader(ctx, member.ID); err == nil {
				break
			}
		}
	}
	for {
		_, err = client.MemberRemove(ctx, own)
		if !errors.Is(err, rpctypes.ErrUnhealthy) {
			break
		}
		// The other members have not been connected long enough.
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Second):
		}
	}
	if err == nil {
		r.logger.Printf("etcd: left the cluster")
	}
	return err
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
