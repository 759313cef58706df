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

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/config"
)

// Runner runs the processes of a configured machine; *controlplane.Runner is the real one.
type Runner interface {
	Start(cfg config.Provider)
	Bootstrap(cfg config.Provider) error
	// Leave removes the machine from etcd if it is a member.
	Leave(ctx context.Context) error
	Stop()
	Wipe() error
	AdminKubeconfig(cfg config.Provider) ([]byte, error)
	EtcdMembers(ctx context.Context) ([]*machine.EtcdMember, error)
	Services() []controlplane.Service
}

// Options configure a machine. RebootDelay and BootstrapDelay have reasonable defaults.
type Options struct {
	Settings settings.Settings
	Runner   Runner
	Logger   *log.Logger
	// Out receives one line when the machine is ready.
	Out io.Writer
	// RebootDelay is the time from the response to a call that reboots until all connections are closed.
	RebootDelay time.Duration
	// BootstrapDelay is the time after a boot during which etcd cannot be bootstrapped yet.
	BootstrapDelay time.Duration
}

// Machine is one simulated machine.
type Machine struct {
	Options
	host string
	next chan transition
	// serving is set while the Talos API is available.
	serving atomic.Bool
	ready   bool
}

// transition describes how a boot ends: what a reboot or a reset does before the next one.
type transition struct {
	reason                   string
	wipeState, wipeEphemeral bool
	// leaveEtcd happens first; if it fails, nothing is wiped.
	leaveEtcd bool
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
	if options.BootstrapDelay == 0 {
		options.BootstrapDelay = time.Second
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
	current, err := m.boot()
	if err != nil {
		return err
	}
	stop, err := current.serve(ctx)
	if err != nil {
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
	if next.leaveEtcd {
		if err := m.Runner.Leave(ctx); err != nil {
			m.Logger.Printf("simulated %s failed, rebooting without it: failed to leave etcd: %v", next.reason, err)
			next = transition{}
		}
	}
	m.serving.Store(false)
	current.cancelRollback()
	stop()
	m.Runner.Stop()
	m.drain()
	return m.wipe(next)
}

// reboot ends this boot after the response to the caller is sent. A second request during that time is ignored, as on a
// real machine that is shutting down.
func (m *Machine) reboot(next transition) {
	time.AfterFunc(m.RebootDelay, func() {
		select {
		case m.next <- next:
		default:
		}
	})
}

func (m *Machine) drain() {
	select {
	case <-m.next:
	default:
	}
}

func (m *Machine) wipe(next transition) error {
	if next.wipeEphemeral {
		if err := m.Runner.Wipe(); err != nil {
			return fmt.Errorf("wipe: %w", err)
		}
	}
	if next.wipeState {
		for _, file := range []string{m.configFile(), m.certificateFile()} {
			if err := os.RemoveAll(file); err != nil {
				return fmt.Errorf("wipe: %w", err)
			}
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
