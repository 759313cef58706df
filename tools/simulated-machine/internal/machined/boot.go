package machined

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"k8s-gitops/tools/simulated-machine/internal/controlplane"

	cosi "github.com/cosi-project/runtime/api/v1alpha1"
	"github.com/cosi-project/runtime/pkg/state"
	cosiserver "github.com/cosi-project/runtime/pkg/state/protobuf/server"
	"github.com/google/uuid"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/api/storage"
	"github.com/siderolabs/talos/pkg/machinery/config"
	configresource "github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// boot is the period from one (re)boot to the next. Either it has a configuration from the start, or it never has one.
type boot struct {
	machine *Machine
	id      string
	at      time.Time
	system  system
	state   state.State
	events  *hub
	tls     atomic.Pointer[tls.Config]
	// ctx ends with the boot.
	ctx       context.Context //nolint:containedctx // canceled by close
	close     context.CancelFunc
	sequences sequencer
	stages    stages

	mutex      sync.Mutex
	active     config.Provider
	persistent config.Provider
	rollback   *time.Timer
	// bootstrapping serializes Bootstrap calls.
	bootstrapping sync.Mutex
}

// boot loads the configuration and starts what it asks for.
func (m *Machine) boot() (*boot, error) {
	cfg, err := m.loadConfig()
	if err != nil {
		return nil, err
	}
	booted, err := m.bootSystem(cfg)
	if err != nil {
		return nil, err
	}
	b := &boot{machine: m, id: uuid.NewString(), at: time.Now(), system: booted, events: newHub(), active: cfg, persistent: cfg}
	_, installed, err := m.installedSystem()
	if err != nil {
		return nil, err
	}
	if b.state, err = newState(m.Settings, booted, installed, cfg, m.hostname(cfg)); err != nil {
		return nil, err
	}
	b.ctx, b.close = context.WithCancel(context.Background())
	go m.watchPower(b.ctx)
	if cfg == nil {
		m.Logger.Printf("simulated boot: Talos %s, no configuration, maintenance mode", booted.Version)
		return b, b.setStatus(runtime.MachineStageMaintenance, nil)
	}
	m.Logger.Printf("simulated boot: Talos %s, %s, hostname %s", booted.Version, cfg.Machine().Type(), m.hostname(cfg))
	for _, id := range []string{configresource.ActiveID, configresource.PersistentID} {
		if err := putConfig(b.state, id, cfg); err != nil {
			return nil, err
		}
	}
	if err := b.startRunner(cfg); err != nil {
		return nil, err
	}
	go b.run(sequenceBoot, "", b.bootSequence())
	go b.keepStatus()
	return b, nil
}

func (b *boot) configured() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.active != nil
}

// config returns the active configuration, nil in maintenance mode.
func (b *boot) config() config.Provider {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.active
}

// serve starts the API of this boot. The returned function closes all connections.
func (b *boot) serve(ctx context.Context) (func(), error) {
	cfg := b.config()
	var err error
	if cfg == nil {
		err = b.useMaintenanceTLS()
	} else {
		err = b.useConfiguredTLS(ctx, cfg)
	}
	if err != nil {
		return nil, err
	}
	listener, err := listen(ctx, b.machine.Settings.Listen)
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(b.serverTLS())),
		grpc.UnaryInterceptor(b.unary), grpc.StreamInterceptor(b.stream),
		grpc.MaxRecvMsgSize(32<<20),
	)
	storage.RegisterStorageServiceServer(server, &disks{boot: b})
	cosi.RegisterStateServer(server, cosiserver.NewState(state.Filter(b.state, accessRule(b.state))))
	stopTrust := func() {}
	if cfg == nil {
		machine.RegisterMachineServiceServer(server, &maintenance{boot: b})
	} else {
		machine.RegisterMachineServiceServer(server, &configured{boot: b})
		if stopTrust, err = b.serveTrust(ctx); err != nil {
			_ = listener.Close()
			return nil, err
		}
	}
	go server.Serve(listener) //nolint:errcheck // stopped by Stop
	return func() {
		server.Stop()
		stopTrust()
	}, nil
}

// listen waits for a port that the previous boot may just have released.
func listen(ctx context.Context, address string) (net.Listener, error) {
	for attempt := 0; ; attempt++ {
		listener, err := net.Listen("tcp", address)
		if err == nil || attempt == 20 {
			return listener, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// setActive activates a configuration without a reboot.
func (b *boot) setActive(cfg config.Provider) error {
	b.mutex.Lock()
	b.active = cfg
	b.mutex.Unlock()
	if err := putConfig(b.state, configresource.ActiveID, cfg); err != nil {
		return err
	}
	if err := b.startRunner(cfg); err != nil {
		return err
	}
	err := b.useConfiguredTLSNow(cfg)
	if errors.Is(err, errNeedsTrust) {
		// A worker keeps its certificate until the next boot requests one with the new names.
		next := b.tls.Load().Clone()
		next.ClientCAs = acceptedCAs(cfg)
		b.tls.Store(next)
		return nil
	}
	return err
}

// startRunner runs what a configuration asks for. The versions of the component's resources become annotations of its pods.
func (b *boot) startRunner(cfg config.Provider) error {
	versions, err := putKubernetes(b.state, cfg, b.machine.Settings, b.machine.hostname(cfg))
	if err != nil {
		return err
	}
	b.machine.Runner.Start(controlplane.Wanted{
		Config: cfg, Talos: b.system.Version, Schematic: b.system.Schematic, ConfigVersions: versions,
	})
	return nil
}

// setPersistent saves a configuration for the next boot.
func (b *boot) setPersistent(cfg config.Provider) error {
	if err := b.machine.saveConfig(cfg); err != nil {
		return fmt.Errorf("failed to save the configuration: %w", err)
	}
	b.mutex.Lock()
	b.persistent = cfg
	b.mutex.Unlock()
	return putConfig(b.state, configresource.PersistentID, cfg)
}

// rollbackAfter restores the current configuration when a trial ends.
func (b *boot) rollbackAfter(timeout time.Duration) {
	b.cancelRollback()
	before := b.config()
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.rollback = time.AfterFunc(timeout, func() {
		b.machine.Logger.Printf("simulated rollback of a configuration in try mode")
		if err := b.setActive(before); err != nil {
			b.machine.Logger.Printf("simulated rollback: %v", err)
		}
	})
}

func (b *boot) cancelRollback() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.rollback != nil {
		b.rollback.Stop()
		b.rollback = nil
	}
}
