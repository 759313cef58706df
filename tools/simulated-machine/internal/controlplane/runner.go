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
	"time"

	"k8s-gitops/tools/simulated-machine/internal/settings"

	"github.com/siderolabs/talos/pkg/machinery/config"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"k8s.io/client-go/kubernetes"
)

// ErrAlreadyBootstrapped means that etcd's data directory is not empty: the machine already is a member.
var ErrAlreadyBootstrapped = errors.New("etcd data directory is not empty")

// Wanted is what a machine runs.
type Wanted struct {
	Config config.Provider
	// Talos is the running version, Schematic the running schematic's id or empty.
	Talos, Schematic string
	// ConfigVersions are the versions of the components' configurations, by component.
	ConfigVersions map[string]string
}

// Delays are the times that things take on a real machine and would not take here.
type Delays struct {
	// Kubelet is the time from the start of a kubelet until it reports its node as ready.
	Kubelet time.Duration
	// Pull is the time that pulling a changed image takes.
	Pull time.Duration
	// Promotion is the time until an etcd learner may become a voting member.
	Promotion time.Duration
}

// Runner starts and stops a machine's processes. Its methods are safe for concurrent use.
type Runner struct {
	Delays   Delays
	settings settings.Settings
	logger   *log.Logger
	loopback string
	pki      pkiFolder

	mutex  sync.Mutex
	ctx    context.Context //nolint:containedctx // canceled by Stop
	cancel context.CancelFunc
	work   sync.WaitGroup
	wanted Wanted
	// etcd is the member's process; nil until it is bootstrapped or has joined.
	etcd *child
	// etcdHealthy says whether the member answered a linearizable read lately.
	etcdHealthy bool
	staticPods  []*staticPod
	kubelet     kubelet
	// admin is the client of the API server's probes.
	admin kubernetes.Interface
	// lastLogged is the last message of the kubelet loop.
	lastLogged string
}

// New returns a runner that has not started anything.
func New(s settings.Settings, logger *log.Logger) *Runner {
	host, _, err := net.SplitHostPort(s.Listen)
	if err != nil {
		host = s.Listen
	}
	return &Runner{
		Delays:   Delays{Kubelet: 4 * time.Second, Pull: 2 * time.Second, Promotion: 2 * time.Second},
		settings: s, logger: logger, loopback: host, pki: pkiFolder(filepath.Join(s.StateDir, "pki")),
	}
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

func (r *Runner) bootstrapped() bool { return exists(r.bootstrappedFile()) }

// registeredFile records that the kubelet has registered its node: only then is there a node to cordon and drain.
func (r *Runner) registeredFile() string { return filepath.Join(r.settings.StateDir, "registered") }

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// Start runs what is wanted, in the background, until Stop. Later calls apply a changed configuration: to the node immediately,
// to static pods and the kubelet by restarting those whose configuration changed.
func (r *Runner) Start(wanted Wanted) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.wanted = wanted
	if r.cancel != nil {
		return
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.kubelet = kubelet{}
	r.background(r.keepNode)
	if isControlPlane(wanted.Config) {
		r.background(r.runControlPlane)
	}
}

// background runs work until Stop. The caller holds the mutex, and the runner is started.
func (r *Runner) background(work func(context.Context)) {
	r.work.Add(1)
	go func(ctx context.Context) {
		defer r.work.Done()
		work(ctx)
	}(r.ctx)
}

func (r *Runner) currentWanted() Wanted {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.wanted
}

func (r *Runner) currentConfig() config.Provider { return r.currentWanted().Config }

// runControlPlane starts etcd, as soon as it is bootstrapped here or can join, and then keeps the static pods.
func (r *Runner) runControlPlane(ctx context.Context) {
	cfg := r.currentConfig()
	if err := r.startEtcd(ctx, cfg); err != nil {
		if ctx.Err() == nil {
			r.logger.Printf("control plane: %v", err)
		}
		return
	}
	r.keepStaticPods(ctx)
}

// Bootstrap makes this machine the first etcd member; the control plane follows.
func (r *Runner) Bootstrap(config.Provider) error {
	if r.bootstrapped() || r.dirty() {
		return ErrAlreadyBootstrapped
	}
	return os.WriteFile(r.bootstrappedFile(), nil, 0o600)
}

// Stop terminates all processes: first the pods', then etcd. Start may be called again.
func (r *Runner) Stop() { r.end((*child).stop) }

// Kill ends all processes immediately, as a loss of power does.
func (r *Runner) Kill() { r.end((*child).kill) }

func (r *Runner) end(stop func(*child)) {
	r.mutex.Lock()
	cancel, etcd := r.cancel, r.etcd
	r.cancel = nil
	r.mutex.Unlock()
	if cancel != nil {
		cancel()
	}
	r.stopPods(stop)
	if etcd != nil {
		stop(etcd)
	}
	r.work.Wait()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.etcd, r.etcdHealthy, r.staticPods, r.admin = nil, false, nil, nil
}

// StopPods stops the kubelet and everything that it runs, until the next start.
func (r *Runner) StopPods() { r.stopPods((*child).stop) }

func (r *Runner) stopPods(stop func(*child)) {
	r.mutex.Lock()
	r.kubelet.stopped = true
	var children []*child
	if r.kubelet.kwok != nil {
		children = append(children, r.kubelet.kwok)
	}
	for i := len(r.staticPods) - 1; i >= 0; i-- {
		if r.staticPods[i].child != nil {
			children = append(children, r.staticPods[i].child)
		}
	}
	r.mutex.Unlock()
	for _, c := range children {
		stop(c)
	}
}

// Wipe removes the data that a reset removes. Call Stop first.
func (r *Runner) Wipe() error {
	failures := []error{r.wipeEtcd()}
	for _, path := range []string{r.adminKubeconfigFile(), r.registeredFile(), string(r.pki)} {
		failures = append(failures, os.RemoveAll(path))
	}
	return errors.Join(failures...)
}

// Service is the state of one of the machine's services.
type Service struct {
	ID      string
	State   string
	Healthy bool
}

// Services lists the running services under the names that Talos uses.
func (r *Runner) Services() []Service {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	services := []Service{
		{ID: "apid", State: "Running", Healthy: true},
		{ID: "machined", State: "Running", Healthy: true},
	}
	if r.wanted.Config == nil {
		return services
	}
	kubelet := Service{ID: "kubelet", State: "Running", Healthy: true}
	switch {
	case r.kubelet.stopped:
		kubelet.State, kubelet.Healthy = "Finished", false
	case !r.hasVersion(kubeletVersion(r.wanted.Config)):
		// The image of the kubelet cannot be pulled.
		kubelet.State, kubelet.Healthy = "Preparing", false
	}
	services = append(services, kubelet)
	if isControlPlane(r.wanted.Config) {
		etcd := Service{ID: "etcd", State: "Preparing"}
		if r.etcd != nil && r.etcd.running() {
			etcd.State, etcd.Healthy = "Running", r.etcdHealthy
		}
		services = append(services, etcd, Service{ID: "trustd", State: "Running", Healthy: true})
	}
	return services
}
