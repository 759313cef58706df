package machined

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	configresource "github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/role"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"
)

func configuredMachine(t *testing.T) (*running, *client.Client) {
	t.Helper()
	r := newCluster(t).start(1, t.TempDir())
	up(t, r)
	return r, r.install(r.config(machinetype.TypeControlPlane, "cp-1"))
}

func TestCertificatesAndRoles(t *testing.T) {
	r, admin := configuredMachine(t)

	// The client sees either the alert or just the closed connection; both are Unavailable.
	_, err := r.insecure().Disks(short(t))
	refused(t, err, codes.Unavailable, "")
	_, err = r.as(newCluster(t), role.Admin).Version(short(t))
	refused(t, err, codes.Unavailable, "")

	for _, test := range []struct {
		name  string
		roles []role.Role
		allow string
	}{
		{"admin", []role.Role{role.Admin}, "version reboot bootstrap config disks"},
		{"operator", []role.Role{role.Operator}, "version reboot disks"},
		{"reader", []role.Role{role.Reader}, "version disks"},
		{"none", nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := r.as(r.cluster, test.roles...)
			var allowed []string
			try := func(name string, call func(context.Context) error) {
				err := call(short(t))
				if err == nil {
					allowed = append(allowed, name)
					return
				}
				refused(t, err, codes.PermissionDenied, "not authorized")
			}
			eventually(t, func() error { _, err := admin.Version(short(t)); return err })
			try("version", func(ctx context.Context) error { _, err := c.Version(ctx); return err })
			try("reboot", func(ctx context.Context) error {
				before := r.bootID(admin)
				err := c.Reboot(ctx)
				if err == nil {
					waitForReboot(t, r, admin, before)
					time.Sleep(350 * time.Millisecond)
				}
				return err
			})
			try("bootstrap", func(ctx context.Context) error { return c.Bootstrap(ctx, &machine.BootstrapRequest{}) })
			try("config", func(ctx context.Context) error {
				_, err := c.COSI.Get(ctx, configPointer(configresource.ActiveID))
				return err
			})
			try("disks", func(ctx context.Context) error { _, err := c.Disks(ctx); return err })
			if got := strings.Join(allowed, " "); got != test.allow {
				t.Errorf("allowed %q, want %q", got, test.allow)
			}
		})
	}
}

func TestApplyModes(t *testing.T) {
	r, c := configuredMachine(t)
	named := func(name string) []byte { return r.config(machinetype.TypeControlPlane, name) }
	// machine.features.apidCheckExtKeyUsage is one of the fields that require a reboot.
	deep := func(name string) []byte {
		return r.config(machinetype.TypeControlPlane, name, "apidCheckExtKeyUsage: true", "apidCheckExtKeyUsage: false")
	}
	apply := func(mode machine.ApplyConfigurationRequest_Mode, content []byte, dry bool) *machine.ApplyConfiguration {
		t.Helper()
		response, err := c.ApplyConfiguration(short(t), &machine.ApplyConfigurationRequest{
			Mode: mode, Data: content, DryRun: dry, TryModeTimeout: durationpb.New(300 * time.Millisecond),
		})
		must(t, err)
		return response.GetMessages()[0]
	}
	hostnames := func() string {
		t.Helper()
		var names []string
		for _, id := range []string{configresource.ActiveID, configresource.PersistentID} {
			cfg, err := safe.StateGet[*configresource.MachineConfig](short(t), c.COSI, configPointer(id))
			must(t, err)
			names = append(names, cfg.Config().Machine().Network().Hostname())
		}
		return strings.Join(names, " ")
	}
	expect := func(want string) {
		t.Helper()
		if got := hostnames(); got != want {
			t.Errorf("active and persistent are %q, want %q", got, want)
		}
	}
	boot := r.bootID(c)

	result := apply(machine.ApplyConfigurationRequest_AUTO, named("dry"), true)
	if result.GetMode() != machine.ApplyConfigurationRequest_NO_REBOOT ||
		!strings.Contains(result.GetModeDetails(), "Applied configuration without a reboot (skipped in dry-run).\nConfig diff:\n") ||
		!strings.Contains(result.GetModeDetails(), "+        hostname: dry") {
		t.Error(result)
	}
	result = apply(machine.ApplyConfigurationRequest_AUTO, named("cp-1"), true)
	if !strings.HasSuffix(result.GetModeDetails(), "\n\nNo changes.") {
		t.Error(result)
	}
	result = apply(machine.ApplyConfigurationRequest_AUTO, deep("dry"), true)
	if result.GetMode() != machine.ApplyConfigurationRequest_REBOOT ||
		!strings.HasPrefix(result.GetModeDetails(), "Dry run summary:\nApplied configuration with a reboot (skipped in dry-run).\n") {
		t.Error(result)
	}
	expect("cp-1 cp-1")

	refused(t, r.apply(c, machine.ApplyConfigurationRequest_NO_REBOOT, deep("x")), codes.InvalidArgument,
		"this config change can't be applied in immediate mode\ndiff:\n")
	refused(t, r.apply(c, machine.ApplyConfigurationRequest_AUTO, []byte("machine: [")), codes.InvalidArgument, "yaml: ")
	refused(t, r.apply(c, machine.ApplyConfigurationRequest_AUTO, []byte("apiVersion: v1alpha1\nkind: TrustedRootsConfig\nname: x\ncertificates: y\n")),
		codes.InvalidArgument, "doesn't contain v1alpha1 config")

	apply(machine.ApplyConfigurationRequest_AUTO, named("auto"), false)
	expect("auto auto")
	apply(machine.ApplyConfigurationRequest_NO_REBOOT, named("no-reboot"), false)
	expect("no-reboot no-reboot")
	apply(machine.ApplyConfigurationRequest_STAGED, named("staged"), false)
	expect("no-reboot staged")
	apply(machine.ApplyConfigurationRequest_TRY, named("trial"), false)
	expect("trial staged")
	eventually(t, func() error {
		if hostnames() != "no-reboot staged" {
			return context.DeadlineExceeded
		}
		return nil
	})
	if r.bootID(c) != boot {
		t.Error("the machine rebooted")
	}

	result = apply(machine.ApplyConfigurationRequest_AUTO, deep("deep"), false)
	if result.GetMode() != machine.ApplyConfigurationRequest_REBOOT {
		t.Error(result)
	}
	boot = waitForReboot(t, r, c, boot)
	expect("deep deep")

	apply(machine.ApplyConfigurationRequest_REBOOT, named("rebooted"), false)
	waitForReboot(t, r, c, boot)
	expect("rebooted rebooted")
	want := "stop,start cp-1,start auto,start no-reboot,start trial,start no-reboot,stop pods,stop,start deep,stop pods,stop,start rebooted"
	if r.runner.log() != want {
		t.Error(r.runner.log())
	}
}

// A dry run cancels a pending rollback, in Talos as here: the trial stays.
func TestDryRunKeepsATrial(t *testing.T) {
	r, c := configuredMachine(t)
	_, err := c.ApplyConfiguration(short(t), &machine.ApplyConfigurationRequest{
		Mode: machine.ApplyConfigurationRequest_TRY, Data: r.config(machinetype.TypeControlPlane, "trial"),
		TryModeTimeout: durationpb.New(200 * time.Millisecond),
	})
	must(t, err)
	_, err = c.ApplyConfiguration(short(t), &machine.ApplyConfigurationRequest{
		Data: r.config(machinetype.TypeControlPlane, "x"), DryRun: true,
	})
	must(t, err)
	time.Sleep(400 * time.Millisecond)
	response, err := c.MachineClient.Hostname(short(t), nil)
	must(t, err)
	if got := response.GetMessages()[0].GetHostname(); got != "trial" {
		t.Error(got)
	}
}

func waitForReboot(t *testing.T, r *running, c *client.Client, before string) string {
	t.Helper()
	var after string
	eventually(t, func() error {
		if after = r.bootID(c); after == before {
			return context.DeadlineExceeded
		}
		return nil
	})
	return after
}
