package machined

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s-gitops/tools/simulated-machine/internal/controlplane"
	"k8s-gitops/tools/simulated-machine/internal/settings"

	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/siderolabs/crypto/x509"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	clientconfig "github.com/siderolabs/talos/pkg/machinery/client/config"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// fakeRunner records its calls.
type fakeRunner struct {
	mutex        sync.Mutex
	calls        []string
	bootstrapped bool
	// Errors of calls; etcd's are those of its calls of that name.
	leaveError, cordonError error
	etcd                    fakeEtcd
	wanted                  controlplane.Wanted
	problem                 string
}

func (r *fakeRunner) record(format string, values ...any) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.calls = append(r.calls, fmt.Sprintf(format, values...))
}

func (r *fakeRunner) log() string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return strings.Join(r.calls, ",")
}

// forget empties the log.
func (r *fakeRunner) forget() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.calls = nil
}

func (r *fakeRunner) set(change func()) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	change()
}

func (r *fakeRunner) Start(wanted controlplane.Wanted) {
	r.set(func() { r.wanted = wanted })
	r.record("start %s", wanted.Config.Machine().Network().Hostname())
}
func (r *fakeRunner) Cordon(context.Context) error { r.record("cordon"); return r.cordonError }
func (r *fakeRunner) Drain(context.Context) error  { r.record("drain"); return nil }
func (r *fakeRunner) StopPods()                    { r.record("stop pods") }
func (r *fakeRunner) Leave(context.Context) error  { r.record("leave"); return r.leaveError }
func (r *fakeRunner) Stop()                        { r.record("stop") }
func (r *fakeRunner) Kill()                        { r.record("kill") }
func (r *fakeRunner) Wipe() error {
	r.record("wipe")
	r.set(func() { r.bootstrapped = false })
	return nil
}
func (r *fakeRunner) Bootstrap(config.Provider) error {
	if r.bootstrapped {
		return controlplane.ErrAlreadyBootstrapped
	}
	r.set(func() { r.bootstrapped = true })
	r.record("bootstrap")
	return nil
}
func (r *fakeRunner) AdminKubeconfig(cfg config.Provider) ([]byte, error) {
	return []byte("server: " + cfg.Cluster().Endpoint().String()), nil
}
func (r *fakeRunner) Etcd() controlplane.Etcd { return r.etcd }
func (r *fakeRunner) Services() []controlplane.Service {
	services := []controlplane.Service{{ID: "machined", State: "Running", Healthy: true}}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.wanted.Config != nil {
		for _, id := range []string{"apid", "kubelet", "trustd"} {
			services = append(services, controlplane.Service{ID: id, State: "Running", Healthy: true})
		}
		etcd := controlplane.Service{ID: "etcd", State: "Preparing"}
		if r.bootstrapped {
			etcd.State, etcd.Healthy = "Running", true
		}
		services = append(services, etcd)
	}
	return services
}
func (r *fakeRunner) NotReady() (staticPods, node error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.problem != "" {
		return nil, errors.New(r.problem)
	}
	return nil, nil
}
func (r *fakeRunner) HasImage(image string) bool { return !strings.HasSuffix(image, ":v1.99.0") }

// fakeEtcd answers every call with its error, or with one member.
type fakeEtcd struct{ upgrade, remove, forfeit error }

func (fakeEtcd) Members(context.Context, bool) ([]*machine.EtcdMember, error) {
	return []*machine.EtcdMember{{Id: 1, Hostname: "cp-1"}}, nil
}
func (fakeEtcd) Status(context.Context) (*machine.EtcdMemberStatus, error) {
	return &machine.EtcdMemberStatus{MemberId: 1, Leader: 1, DbSize: 20}, nil
}
func (fakeEtcd) Alarms(context.Context) ([]*machine.EtcdMemberAlarm, error) {
	return []*machine.EtcdMemberAlarm{{MemberId: 1, Alarm: machine.EtcdMemberAlarm_NOSPACE}}, nil
}
func (e fakeEtcd) Remove(context.Context, uint64) error              { return e.remove }
func (e fakeEtcd) ForfeitLeadership(context.Context) (string, error) { return "cp-2", e.forfeit }
func (e fakeEtcd) ValidateForUpgrade(context.Context) error          { return e.upgrade }

// cluster is a set of secrets shared by machines.
type cluster struct {
	t      *testing.T
	bundle *secrets.Bundle
	prefix string
	// bootstrapDelay applies to its machines.
	bootstrapDelay time.Duration
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	bundle, err := secrets.NewBundle(secrets.NewClock(), config.TalosVersion1_11)
	must(t, err)
	// A random loopback network, most likely unused by other runs, so that the real port numbers can be used.
	return &cluster{t, bundle, fmt.Sprintf("127.%d.%d", 100+rand.IntN(150), rand.IntN(250)), 300 * time.Millisecond}
}

// config returns the configuration of a machine; replace contains pairs of old and new text.
func (c *cluster) config(kind machinetype.Type, hostname string, replace ...string) []byte {
	c.t.Helper()
	input, err := generate.NewInput("test", "https://cluster.example:6443", "1.34.1",
		generate.WithSecretsBundle(c.bundle), generate.WithVersionContract(config.TalosVersion1_11),
		generate.WithInstallDisk("/dev/sda"), generate.WithInstallImage(installer(schematicA, "v1.11.2")), generate.WithAdditionalSubjectAltNames([]string{"api.example"}))
	must(c.t, err)
	cfg, err := input.Config(kind)
	must(c.t, err)
	content, err := cfg.Bytes()
	must(c.t, err)
	text := strings.Replace(string(content), "    network: {}", "    network:\n        hostname: "+hostname, 1)
	if !strings.Contains(text, "hostname: "+hostname) {
		c.t.Fatalf("no place for the hostname in:\n%s", text)
	}
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			c.t.Fatalf("%q is not in the configuration", replace[i])
		}
		text = strings.Replace(text, replace[i], replace[i+1], 1)
	}
	return []byte(text)
}

// running is a machine under test.
type running struct {
	*cluster
	machine *Machine
	runner  *fakeRunner
	out     *syncBuffer
	stop    func()
}

// syncBuffer can be read while it is being written.
type syncBuffer struct {
	mutex sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.Write(p)
}

func (b *syncBuffer) text() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.String()
}

// start powers on machine number n; dir is its state directory.
func (c *cluster) start(n int, dir string) *running {
	c.t.Helper()
	host := fmt.Sprintf("%s.%d", c.prefix, n)
	r := &running{cluster: c, runner: &fakeRunner{}, out: &syncBuffer{}}
	machine, err := New(Options{
		Settings: settings.Settings{
			Name: fmt.Sprintf("node-%d", n), Address: fmt.Sprintf("10.9.8.%d", n), Listen: host + ":50000", StateDir: dir,
			TalosVersion: "v1.11.1", Links: simulatedHardware(n),
			Peers:     map[string]string{"10.9.8.1": c.prefix + ".1", "10.9.8.2": c.prefix + ".2"},
			FaultFile: filepath.Join(dir, "faults.json"),
		},
		Runner: r.runner, Logger: log.New(r.out, "", 0), Out: r.out,
		RebootDelay: 50 * time.Millisecond, BootDelay: 10 * time.Millisecond, BootstrapDelay: c.bootstrapDelay,
		TaskDelay: 10 * time.Millisecond, StatusInterval: 40 * time.Millisecond,
	})
	must(c.t, err)
	r.machine = machine
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- machine.Run(ctx) }()
	var once sync.Once
	r.stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				c.t.Errorf("Run: %v", err)
			}
		})
	}
	c.t.Cleanup(r.stop)
	return r
}

// simulatedHardware returns two ports of a card that can be bonded and one that cannot.
func simulatedHardware(n int) []settings.Link {
	address := func(port int) string { return fmt.Sprintf("f8:f2:1e:20:%02x:%02x", n, port) }
	return []settings.Link{
		{Name: "enp1s0f0np0", HardwareAddr: address(1), Driver: "i40e", BusPath: "0000:01:00.0"},
		{Name: "enp1s0f1np1", HardwareAddr: address(2), Driver: "i40e", BusPath: "0000:01:00.1"},
		{Name: "eno1", HardwareAddr: "aa:bb:cc:00:00:01", Driver: "e1000e", BusPath: "0000:00:1f.6"},
	}
}

func (r *running) insecure() *client.Client {
	r.t.Helper()
	c, err := client.New(context.Background(), client.WithTLSConfig(&tls.Config{InsecureSkipVerify: true}), client.WithEndpoints(r.machine.host))
	must(r.t, err)
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

// as returns a client with these roles, certified by the machine CA of the cluster `by`.
func (r *running) as(by *cluster, roles ...role.Role) *client.Client {
	r.t.Helper()
	pair, err := secrets.NewAdminCertificateAndKey(time.Now(), by.bundle.Certs.OS, role.MakeSet(roles...), time.Hour)
	must(r.t, err)
	cfg := clientconfig.NewConfig("test", nil, r.bundle.Certs.OS.Crt, &x509.PEMEncodedCertificateAndKey{Crt: pair.Crt, Key: pair.Key})
	c, err := client.New(context.Background(), client.WithConfig(cfg), client.WithEndpoints(r.machine.host))
	must(r.t, err)
	r.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (r *running) admin() *client.Client { return r.as(r.cluster, role.Admin) }

// install applies a configuration in maintenance mode and waits for the configured machine.
func (r *running) install(content []byte) *client.Client {
	r.t.Helper()
	eventually(r.t, func() error { return r.apply(r.insecure(), machine.ApplyConfigurationRequest_AUTO, content) })
	// Each attempt uses a new connection, because an old one backs off too long.
	var c *client.Client
	eventually(r.t, func() error {
		c = r.admin()
		_, err := c.Version(short(r.t))
		return err
	})
	return c
}

func (r *running) apply(c *client.Client, mode machine.ApplyConfigurationRequest_Mode, content []byte) error {
	r.t.Helper()
	_, err := c.ApplyConfiguration(short(r.t), &machine.ApplyConfigurationRequest{Mode: mode, Data: content})
	return err
}

func (r *running) bootID(c *client.Client) string {
	r.t.Helper()
	var id string
	eventually(r.t, func() error {
		reader, err := c.Read(short(r.t), bootIDFile)
		if err != nil {
			return err
		}
		defer reader.Close() //nolint:errcheck // test
		content, err := io.ReadAll(reader)
		id = string(content)
		return err
	})
	return id
}

// Ids of schematics.
var schematicA, schematicB = strings.Repeat("a1", 32), strings.Repeat("b2", 32)

// installer is the image of a schematic in the image factory's notation.
func installer(schematic, version string) string {
	return "factory.talos.dev/metal-installer/" + schematic + ":" + version
}

// versions returns the running version and schematic, as the resources say.
func (r *running) versions(c *client.Client) string {
	r.t.Helper()
	var version, schematic string
	eventually(r.t, func() error {
		found, err := safe.StateGetByID[*runtime.Version](short(r.t), c.COSI, "version")
		if err != nil {
			return err
		}
		version = found.TypedSpec().Version
		extensions, err := safe.StateListAll[*runtime.ExtensionStatus](short(r.t), c.COSI)
		if err != nil {
			return err
		}
		schematic = ""
		for extension := range extensions.All() {
			if extension.TypedSpec().Metadata.Name == "schematic" {
				schematic = extension.TypedSpec().Metadata.Version
			}
		}
		return nil
	})
	return version + " " + schematic
}

// status returns stage, readiness and unmet conditions.
func (r *running) status(c *client.Client) string {
	r.t.Helper()
	var text string
	eventually(r.t, func() error {
		found, err := safe.StateGetByID[*runtime.MachineStatus](short(r.t), c.COSI, runtime.MachineStatusID)
		if err != nil {
			return err
		}
		spec := found.TypedSpec()
		text = fmt.Sprintf("%s %t", spec.Stage, spec.Status.Ready)
		for _, condition := range spec.Status.UnmetConditions {
			text += fmt.Sprintf(" [%s: %s]", condition.Name, condition.Reason)
		}
		return nil
	})
	return text
}

func (r *running) savedConfig() string {
	content, _ := os.ReadFile(filepath.Join(r.machine.Settings.StateDir, "config.yaml"))
	return string(content)
}

func short(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func eventually(t *testing.T, try func() error) {
	t.Helper()
	var err error
	for start := time.Now(); time.Since(start) < 10*time.Second; time.Sleep(20 * time.Millisecond) {
		if err = try(); err == nil {
			return
		}
	}
	t.Fatal(err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused checks the code of an error and that its message contains text.
func refused(t *testing.T, err error, code codes.Code, text string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want %s %q", code, text)
	}
	if got := status.Convert(err); got.Code() != code || !strings.Contains(got.Message(), text) {
		t.Fatalf("got %s %q; want %s %q", got.Code(), got.Message(), code, text)
	}
}

func up(t *testing.T, r *running) {
	t.Helper()
	eventually(t, func() error {
		connection, err := net.Dial("tcp", r.machine.Settings.Listen)
		if err == nil {
			err = connection.Close()
		}
		return err
	})
}
