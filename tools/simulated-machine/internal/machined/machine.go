// Package machined is the Talos API of a simulated machine: maintenance mode until it has a configuration, then mutual
// TLS with the machine's own CA. It responds like Talos 1.11, including errors.
package machined

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"k8s-gitops/tools/simulated-machine/internal/controlplane"
	"k8s-gitops/tools/simulated-machine/internal/settings"

	"github.com/siderolabs/talos/pkg/machinery/config"
)

// Runner runs the processes of a configured machine; *controlplane.Runner is the real one.
type Runner interface {
	// Start runs what is wanted; later calls apply a changed configuration.
	Start(wanted controlplane.Wanted)
	Bootstrap(cfg config.Provider) error
	// Cordon makes the node unschedulable and waits until it is; Drain evicts its pods.
	Cordon(ctx context.Context) error
	Drain(ctx context.Context) error
	// StopPods stops the kubelet and the static pods; etcd continues.
	StopPods()
	// Leave removes the machine from etcd if it is a member, stops its etcd and deletes the data.
	Leave(ctx context.Context) error
	// Stop terminates everything; Kill does not wait for anything to finish.
	Stop()
	Kill()
	Wipe() error
	AdminKubeconfig(cfg config.Provider) ([]byte, error)
	Etcd() controlplane.Etcd
	Services() []controlplane.Service
	// NotReady says why static pods and node are not ready; nil if they are.
	NotReady() (staticPods, node error)
	// HasImage reports whether a registry of the lab has the image of a Kubernetes component.
	HasImage(image string) bool
}

// Options configure a machine. The durations have reasonable defaults.
type Options struct {
	Settings settings.Settings
	Runner   Runner
	Logger   *log.Logger
	// Out receives one line when the machine is ready.
	Out io.Writer
	// RebootDelay is the time from the last task of a sequence until all connections are closed.
	RebootDelay time.Duration
	// BootDelay is the time from then until the machine responds again; an installation does not take it.
	BootDelay time.Duration
	// BootstrapDelay is the time after a boot during which etcd cannot be bootstrapped yet.
	BootstrapDelay time.Duration
	// TaskDelay is how long a task of a sequence takes that only pretends to do something.
	TaskDelay time.Duration
	// StatusInterval is the time between two looks at the machine's health.
	StatusInterval time.Duration
}

// Machine is one simulated machine.
type Machine struct {
	Options
	host string
	next chan transition
	// serving is set while the Talos API is available.
	serving atomic.Bool
	ready   bool
	// last is how the boot before this one ended.
	last   transition
	images images
}

// transition describes how a boot ends: what a reboot or a reset does before the next one.
type transition struct {
	reason                   string
	wipeState, wipeEphemeral bool
	// wipeSystem erases the operating system, too: the next boot is from the boot medium.
	wipeSystem bool
	// upgrade is what the next boot starts, unless a fault prevents it.
	upgrade *system
	// installation ends maintenance mode.
	installation bool
	powerOff     bool
}

// New returns a machine that is powered off.
func New(options Options) (*Machine, error) {
	host, _, err := net.SplitHostPort(options.Settings.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if options.RebootDelay == 0 {
		options.RebootDelay = time.Second
	}
	if options.BootDelay == 0 {
		options.BootDelay = 3 * time.Second
	}
	if options.BootstrapDelay == 0 {
		options.BootstrapDelay = time.Second
	}
	if options.TaskDelay == 0 {
		options.TaskDelay = time.Second
	}
	if options.StatusInterval == 0 {
		options.StatusInterval = time.Second
	}
	if err := os.MkdirAll(options.Settings.StateDir, 0o700); err != nil {
		return nil, err
	}
	return &Machine{Options: options, host: host, next: make(chan transition, 1)}, nil
}

// Run keeps the machine running, through its reboots, until the context is done.
func (m *Machine) Run(ctx context.Context) error {
	stopHealth, err := m.serveHealth()
	if err != nil {
		return err
	}
	defer stopHealth()
	for ctx.Err() == nil {
		if err := m.runOnce(ctx); err != nil {
			return err
		}
	}
	return nil
}

// runOnce runs one boot, from power-on to the next reboot.
func (m *Machine) runOnce(ctx context.Context) error {
	if err := m.powerOn(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	current, err := m.boot()
	if err != nil {
		return err
	}
	stop, err := current.serve(ctx)
	if err != nil {
		current.close()
		if current.configured() {
			m.Runner.Stop()
		}
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	m.serving.Store(true)
	if !m.ready {
		m.ready = true
		fmt.Fprintf(m.Out, "simulated Talos machine %s ready on %s\n", m.Settings.Name, m.Settings.Listen)
	}

	var next transition
	select {
	case <-ctx.Done():
	case next = <-m.next:
		m.Logger.Printf("simulated %s", next.reason)
	}
	m.serving.Store(false)
	current.close()
	stop()
	if next.powerOff {
		m.Runner.Kill()
	} else {
		m.Runner.Stop()
	}
	m.forgetNext()
	m.last = next
	return m.finish(next)
}

// powerOn waits for as long as a boot takes or a fault prevents it.
func (m *Machine) powerOn(ctx context.Context) error {
	delay := time.Duration(m.faults().BootSeconds) * time.Second
	if delay == 0 && m.last.reason != "" && !m.last.installation {
		delay = m.BootDelay
	}
	select {
	case <-ctx.Done():
		return nil
	case <-time.After(delay):
	}
	m.awaitPower(ctx, m.last.upgrade != nil)
	return nil
}

// reboot ends this boot after the response to the caller is sent. A second request during that time is ignored, as on a
// real machine that is shutting down.
func (m *Machine) reboot(next transition) {
	time.AfterFunc(m.RebootDelay, func() { m.end(next) })
}

func (m *Machine) end(next transition) {
	select {
	case m.next <- next:
	default:
	}
}

func (m *Machine) forgetNext() {
	select {
	case <-m.next:
	default:
	}
}

// finish changes what is on the disks, while nothing runs.
func (m *Machine) finish(next transition) error {
	if next.upgrade != nil {
		if m.faults().Upgrade == upgradeFallsBack {
			m.Logger.Printf("simulated upgrade to %s: the fault file makes this machine fall back to the system from before", next.upgrade.Version)
		} else if err := m.saveSystem(*next.upgrade); err != nil {
			return err
		}
	}
	return m.wipe(next)
}

func (m *Machine) wipe(next transition) error {
	if next.wipeEphemeral {
		if err := m.Runner.Wipe(); err != nil {
			return fmt.Errorf("wipe: %w", err)
		}
	}
	var files []string
	if next.wipeState {
		files = append(files, m.configFile(), m.certificateFile())
	}
	if next.wipeSystem {
		files = append(files, m.systemFile())
	}
	for _, file := range files {
		if err := os.RemoveAll(file); err != nil {
			return fmt.Errorf("wipe: %w", err)
		}
	}
	return nil
}

// serveHealth responds to /healthz with 200 while the Talos API is available.
func (m *Machine) serveHealth() (func(), error) {
	if m.Settings.HealthPort == 0 {
		return func() {}, nil
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", m.Settings.HealthPort))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		if !m.serving.Load() {
			http.Error(w, "the Talos API is not available: the simulated machine is booting", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go server.Serve(listener) //nolint:errcheck // stopped by Close
	return func() { _ = server.Close() }, nil
}
