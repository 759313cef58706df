// Package machined is the Talos API of a simulated machine: maintenance mode until it has a configuration, then mutual
// TLS by the machine's own certificate authority. It answers as Talos 1.11 does, refusals included.
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

// Runner is what a configured machine runs; *controlplane.Runner is the real one.
type Runner interface {
	Start(cfg config.Provider)
	Bootstrap(cfg config.Provider) error
	// Leave takes the machine out of etcd, if it is a member.
	Leave(ctx context.Context) error
	Stop()
	Wipe() error
	AdminKubeconfig(cfg config.Provider) ([]byte, error)
	EtcdMembers(ctx context.Context) ([]*machine.EtcdMember, error)
	Services() []controlplane.Service
}

// Options of a machine. RebootDelay and BootstrapDelay have sensible defaults.
type Options struct {
	Settings settings.Settings
	Runner   Runner
	Logger   *log.Logger
	// Out gets the one line that says that the machine is ready.
	Out io.Writer
	// RebootDelay is the time between the answer to a call that reboots and the end of all connections.
	RebootDelay time.Duration
	// BootstrapDelay is how long after a boot etcd cannot be bootstrapped yet.
	BootstrapDelay time.Duration
}

// Machine is one simulated machine.
type Machine struct {
	Options
	host string
	next chan transition
	// serving says that the Talos API answers.
	serving atomic.Bool
	ready   bool
}

// transition is the end of one boot: what a reboot or a reset does before the next.
type transition struct {
	why                      string
	wipeState, wipeEphemeral bool
	// leaveEtcd first; if that fails nothing is wiped.
	leaveEtcd bool
}

// New makes a machine that is still off.
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

// Run keeps the machine on, through its reboots, until the context ends.
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

// runOnce is one boot, from power-on to the next reboot.
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

	var after transition
	select {
	case <-ctx.Done():
	case after = <-m.next:
		m.Logger.Printf("simulated %s", after.why)
	}
	if after.leaveEtcd {
		if err := m.Runner.Leave(ctx); err != nil {
			m.Logger.Printf("simulated %s failed, rebooting without it: failed to leave etcd: %v", after.why, err)
			after = transition{}
		}
	}
	m.serving.Store(false)
	current.cancelRollback()
	stop()
	m.Runner.Stop()
	m.drain()
	return m.wipe(after)
}

// reboot asks for the end of this boot, once the caller's answer is out. A second request during that time is ignored,
// as a real machine that is going down would.
func (m *Machine) reboot(what transition) {
	time.AfterFunc(m.RebootDelay, func() {
		select {
		case m.next <- what:
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

func (m *Machine) wipe(what transition) error {
	if what.wipeEphemeral {
		if err := m.Runner.Wipe(); err != nil {
			return fmt.Errorf("wipe: %w", err)
		}
	}
	if what.wipeState {
		for _, file := range []string{m.configFile(), m.certificateFile()} {
			if err := os.RemoveAll(file); err != nil {
				return fmt.Errorf("wipe: %w", err)
			}
		}
	}
	return nil
}

// serveHealth answers /healthz with 200 while the Talos API is served.
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
			http.Error(w, "the Talos API is not served: the simulated machine is booting", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go server.Serve(listener) //nolint:errcheck // ends with Close
	return func() { _ = server.Close() }, nil
}
