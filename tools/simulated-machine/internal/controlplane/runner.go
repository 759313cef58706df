// Package controlplane runs the processes of a configured machine: the real etcd, kube-apiserver, kube-controller-manager
// and kube-scheduler on a control plane, and the (simulated) kubelet on every node.
package controlplane

import (
	"context"
	"errors"
	"log"
	"net"
	"os"
	"path/filepath"
	"sync"

	"k8s-gitops/tools/simulated-machine/internal/settings"

	"github.com/siderolabs/talos/pkg/machinery/config"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
)

// ErrAlreadyBootstrapped means that etcd's data directory is not empty: the machine already is a member.
var ErrAlreadyBootstrapped = errors.New("etcd data directory is not empty")

// Service is the state of one of the machine's services.
type Service struct {
	ID      string
	State   string
	Healthy bool
}

// Runner starts and stops a machine's processes. Its methods are safe for concurrent use.
type Runner struct {
	settings settings.Settings
	logger   *log.Logger
	loopback string
	pki      pkiFolder

	mutex    sync.Mutex
	ctx      context.Context //nolint:containedctx // canceled by Stop
	cancel   context.CancelFunc
	work     sync.WaitGroup
	children []*child
	config   config.Provider
	started  bool
	// lastLogged is the last message of the kubelet loop.
	lastLogged string
}

// New returns a runner that has not started anything.
func New(s settings.Settings, logger *log.Logger) *Runner {
	host, _, err := net.SplitHostPort(s.Listen)
	if err != nil {
		host = s.Listen
	}
	return &Runner{settings: s, logger: logger, loopback: host, pki: pkiFolder(filepath.Join(s.StateDir, "pki"))}
}

func (r *Runner) hostname(cfg config.Provider) string {
	if network := cfg.Machine().Network(); network != nil && network.Hostname() != "" {
		return network.Hostname()
	}
	return r.settings.Name
}

func isControlPlane(cfg config.Provider) bool {
	return cfg.Machine().Type() != machinetype.TypeWorker
}

func (r *Runner) bootstrappedFile() string { return filepath.Join(r.settings.StateDir, "bootstrapped") }

func (r *Runner) bootstrapped() bool {
	_, err := os.Stat(r.bootstrappedFile())
	return err == nil
}

// Start runs what the configuration asks for, in the background, until Stop. Later calls apply a changed configuration's
// labels and taints to the node; running processes continue.
func (r *Runner) Start(cfg config.Provider) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.config = cfg
	if r.cancel != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.ctx, r.cancel = ctx, cancel
	r.background(ctx, r.keepNode)
	if !isControlPlane(cfg) {
		return
	}
	r.background(ctx, func(ctx context.Context) {
		if err := r.runControlPlane(ctx, cfg); err != nil && ctx.Err() == nil {
			r.logger.Printf("control plane: %v", err)
		}
	})
}

// inBackground runs work until Stop; it does nothing after Stop.
func (r *Runner) inBackground(work func(context.Context)) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.cancel != nil {
		r.background(r.ctx, work)
	}
}

func (r *Runner) background(ctx context.Context, work func(context.Context)) {
	r.work.Add(1)
	go func() {
		defer r.work.Done()
		work(ctx)
	}()
}

func (r *Runner) currentConfig() config.Provider {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.config
}

// runControlPlane waits for a bootstrap on this machine, or joins the cluster bootstrapped on another one.
func (r *Runner) runControlPlane(ctx context.Context, cfg config.Provider) error {
	if err := r.etcdPKI(cfg); err != nil {
		return err
	}
	if r.bootstrapped() {
		return r.startFirstMember(cfg)
	}
	initial, err := os.ReadFile(r.initialClusterFile())
	if err != nil {
		joined, err := r.join(ctx, cfg)
		if err != nil {
			return err
		}
		if r.bootstrapped() {
			return nil
		}
		initial = []byte(joined)
		if err := os.WriteFile(r.initialClusterFile(), initial, 0o600); err != nil {
			return err
		}
		r.logger.Printf("etcd: joining as %s", joined)
	}
	r.launch(r.etcdChild(cfg, string(initial), "existing"))
	r.background(ctx, r.promote)
	if r.settings.APIServerOn == "all" {
		return r.launchKubernetes(cfg, false)
	}
	return nil
}

// startFirstMember runs the first etcd member and the control plane's controllers.
func (r *Runner) startFirstMember(cfg config.Provider) error {
	// Start and Bootstrap may both get here; only the first call starts anything.
	r.mutex.Lock()
	first := !r.started
	r.started = true
	r.mutex.Unlock()
	if !first {
		return nil
	}
	initial := r.hostname(cfg) + "=" + peerURL(r.loopback)
	r.launch(r.etcdChild(cfg, initial, "new"))
	return r.launchKubernetes(cfg, true)
}

func (r *Runner) launchKubernetes(cfg config.Provider, controllers bool) error {
	if err := r.kubernetesPKI(cfg); err != nil {
		return err
	}
	server, err := r.apiServer(cfg)
	if err != nil {
		return err
	}
	r.launch(server)
	// The lab's agent and kubectl use this kubeconfig too.
	content, err := kubeconfig(cfg, r.apiServerURL(), admin)
	if err != nil {
		return err
	}
	temporary := r.adminKubeconfigFile() + ".new"
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}
	if err := os.Rename(temporary, r.adminKubeconfigFile()); err != nil {
		return err
	}
	if !controllers {
		return nil
	}
	r.inBackground(r.keepBootstrapToken)
	others, err := r.controllers(cfg)
	if err != nil {
		return err
	}
	r.launch(others...)
	return nil
}

func (r *Runner) launch(children ...*child) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.cancel == nil {
		return
	}
	for _, c := range children {
		r.logger.Printf("starting %s", c.name)
		c.start()
		r.children = append(r.children, c)
	}
}

// Bootstrap starts the first etcd member and the control plane on this machine.
func (r *Runner) Bootstrap(cfg config.Provider) error {
	if r.bootstrapped() || r.dirty() {
		return ErrAlreadyBootstrapped
	}
	if err := r.etcdPKI(cfg); err != nil {
		return err
	}
	if err := os.WriteFile(r.bootstrappedFile(), nil, 0o600); err != nil {
		return err
	}
	return r.startFirstMember(cfg)
}

// Stop terminates all children in reverse order. Start may be called again.
func (r *Runner) Stop() {
	r.mutex.Lock()
	cancel, children := r.cancel, r.children
	r.cancel, r.children, r.started = nil, nil, false
	r.mutex.Unlock()
	if cancel != nil {
		cancel()
	}
	for i := len(children) - 1; i >= 0; i-- {
		children[i].stop()
	}
	r.work.Wait()
}

// Wipe removes the data that a reset removes. Call Stop first.
func (r *Runner) Wipe() error {
	var failures []error
	for _, path := range []string{
		r.etcdDataDir(), r.initialClusterFile(), r.bootstrappedFile(), r.adminKubeconfigFile(), string(r.pki),
	} {
		failures = append(failures, os.RemoveAll(path))
	}
	return errors.Join(failures...)
}

// Services lists the running services under the names that Talos uses.
func (r *Runner) Services() []Service {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	services := []Service{
		{ID: "apid", State: "Running", Healthy: true},
		{ID: "machined", State: "Running", Healthy: true},
	}
	if r.config != nil {
		services = append(services, Service{ID: "kubelet", State: "Running", Healthy: true})
	}
	if r.config != nil && isControlPlane(r.config) {
		etcd := Service{ID: "etcd", State: "Preparing"}
		for _, c := range r.children {
			if c.name == "etcd" && c.running() {
				etcd.State, etcd.Healthy = "Running", true
			}
		}
		services = append(services, etcd)
	}
	return services
}
