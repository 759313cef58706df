package machined

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
	configresource "github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/runtime"
	"google.golang.org/grpc/codes"
)

func TestMaintenanceMode(t *testing.T) {
	r := newCluster(t).start(1, t.TempDir())
	up(t, r)
	c := r.insecure()
	good := r.config(machinetype.TypeControlPlane, "cp-1")

	t.Run("announces itself", func(t *testing.T) {
		eventually(t, func() error {
			if !strings.Contains(r.out.text(), "simulated Talos machine node-1 ready on "+r.machine.Settings.Listen+"\n") {
				return os.ErrNotExist
			}
			return nil
		})
	})

	t.Run("lists disks, for this node only", func(t *testing.T) {
		response, err := c.Disks(client.WithNode(short(t), "10.9.8.1"))
		must(t, err)
		if name := response.GetMessages()[0].GetDisks()[0].GetDeviceName(); name != "/dev/nvme0n1" {
			t.Errorf("first disk %s", name)
		}
		_, err = c.Disks(client.WithNode(short(t), "10.9.8.2"))
		refused(t, err, codes.Unavailable,
			"the simulated Talos machine node-1 (10.9.8.1) does not proxy to node 10.9.8.2: dial that node itself")
	})

	t.Run("reads resources that are not sensitive", func(t *testing.T) {
		disks, err := safe.StateListAll[*block.Disk](short(t), c.COSI)
		must(t, err)
		if disks.Len() != 2 {
			t.Errorf("%d disks", disks.Len())
		}
		version, err := safe.StateGetByID[*runtime.Version](short(t), c.COSI, "version")
		must(t, err)
		if version.TypedSpec().Version != "v1.11.1" {
			t.Errorf("version %s", version.TypedSpec().Version)
		}
		_, err = c.COSI.Get(short(t), configPointer(configresource.ActiveID))
		refused(t, err, codes.PermissionDenied, "not authorized")
		_, err = c.COSI.List(short(t), resource.NewMetadata("config", "Unknowns.example", "", resource.VersionUndefined))
		refused(t, err, codes.PermissionDenied, `resource type "Unknowns.example" is not supported`)
	})

	t.Run("rejects most calls", func(t *testing.T) {
		_, err := c.Version(short(t))
		refused(t, err, codes.Unimplemented, "API is not implemented in maintenance mode")
		refused(t, c.Reset(short(t), true, true), codes.Unimplemented, "API is not implemented in maintenance mode")
		refused(t, c.Bootstrap(short(t), &machine.BootstrapRequest{}), codes.Unimplemented, "method Bootstrap not implemented")
		_, err = c.ServiceList(short(t))
		refused(t, err, codes.Unimplemented, "")
	})

	t.Run("rejects modes that need a configuration", func(t *testing.T) {
		refused(t, r.apply(c, machine.ApplyConfigurationRequest_NO_REBOOT, good), codes.Unimplemented,
			"apply configuration --mode='no-reboot' is not supported in maintenance mode")
		refused(t, r.apply(c, machine.ApplyConfigurationRequest_STAGED, good), codes.Unimplemented,
			"apply configuration --mode='staged' is not supported in maintenance mode")
	})

	t.Run("rejects invalid configurations with the library's errors", func(t *testing.T) {
		auto := machine.ApplyConfigurationRequest_AUTO
		refused(t, r.apply(c, auto, r.config(machinetype.TypeControlPlane, "cp-1", "disk: /dev/sda", "wipe: true")),
			codes.Unknown, `failed to parse config: `)
		refused(t, r.apply(c, auto, r.config(machinetype.TypeControlPlane, "cp-1", "disk: /dev/sda", `disk: ""`)),
			codes.InvalidArgument, "configuration validation failed: 1 error occurred:\n\t* either install disk or diskSelector should be defined")
		refused(t, r.apply(c, auto, r.config(machinetype.TypeControlPlane, "cp-1", "disk: /dev/sda", "disk: /dev/vda")),
			codes.InvalidArgument, `specified install disk does not exist: "/dev/vda"`)
		refused(t, r.apply(c, auto, append(good, "---\napiVersion: v1alpha1\nkind: ConfigOfTomorrow\n"...)),
			codes.Unknown, `"ConfigOfTomorrow" "v1alpha1": not registered`)
		refused(t, r.apply(c, auto, []byte("machine: [")), codes.Unknown, "failed to parse config: ")
	})

	t.Run("a dry run returns no diff and changes nothing", func(t *testing.T) {
		response, err := c.ApplyConfiguration(short(t), &machine.ApplyConfigurationRequest{Data: good, DryRun: true})
		must(t, err)
		if details := response.GetMessages()[0].GetModeDetails(); details !=
			"Dry run summary:\nNode is running in maintenance mode and does not have a config yet." {
			t.Error(details)
		}
	})

	if r.savedConfig() != "" || r.runner.log() != "" {
		t.Errorf("something was applied: %s", r.runner.log())
	}
}

func TestInstall(t *testing.T) {
	for _, mode := range []machine.ApplyConfigurationRequest_Mode{
		machine.ApplyConfigurationRequest_AUTO, machine.ApplyConfigurationRequest_REBOOT, machine.ApplyConfigurationRequest_TRY,
	} {
		t.Run(mode.String(), func(t *testing.T) {
			r := newCluster(t).start(1, t.TempDir())
			up(t, r)
			must(t, r.apply(r.insecure(), mode, r.config(machinetype.TypeControlPlane, "cp-1")))
			eventually(t, func() error { _, err := r.admin().Version(short(t)); return err })
			if r.runner.log() != "stop,start cp-1" {
				t.Error(r.runner.log())
			}
			info, err := os.Stat(filepath.Join(r.machine.Settings.StateDir, "config.yaml"))
			must(t, err)
			if info.Mode().Perm() != 0o600 {
				t.Errorf("mode %o", info.Mode().Perm())
			}
			if !strings.Contains(r.out.text(), "simulated apply of a configuration in maintenance mode: controlplane, hostname cp-1") {
				t.Error(r.out.text())
			}
		})
	}
}

// A worker has no CA key: a control plane signs its certificate, and until then the worker's API is unavailable.
func TestWorkerNeedsAControlPlane(t *testing.T) {
	c := newCluster(t)
	dir := t.TempDir()
	worker := c.start(2, dir)
	up(t, worker)
	must(t, worker.apply(worker.insecure(), machine.ApplyConfigurationRequest_AUTO, c.config(machinetype.TypeWorker, "w-1")))
	eventually(t, func() error {
		if !strings.Contains(worker.out.text(), "simulated worker: waiting for a control plane") {
			return os.ErrNotExist
		}
		return nil
	})
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if _, err := worker.admin().Version(ctx); err == nil {
		t.Fatal("the worker responds without a certificate")
	}

	first := c.start(1, t.TempDir())
	up(t, first)
	first.install(c.config(machinetype.TypeControlPlane, "cp-1"))
	admin := worker.admin()
	eventually(t, func() error { _, err := admin.Version(short(t)); return err })
	time.Sleep(400 * time.Millisecond)
	refused(t, admin.Bootstrap(short(t), &machine.BootstrapRequest{}), codes.FailedPrecondition,
		"bootstrap can only be performed on a control plane node")
	_, err := admin.Kubeconfig(short(t))
	refused(t, err, codes.Unimplemented, "kubeconfig is only available on control plane nodes")

	// The certificate is stored: the worker restarts without the control plane.
	first.stop()
	worker.stop()
	again := c.start(2, dir)
	eventually(t, func() error { _, err := again.admin().Version(short(t)); return err })
}

func TestTrustRequiresTheToken(t *testing.T) {
	c := newCluster(t)
	first := c.start(1, t.TempDir())
	up(t, first)
	first.install(c.config(machinetype.TypeControlPlane, "cp-1"))

	other := c.config(machinetype.TypeWorker, "w-1", c.bundle.TrustdInfo.Token, "aaaaaa.bbbbbbbbbbbbbbbb")
	cfg, _, err := Validate(other)
	must(t, err)
	_, err = first.machine.sign(short(t), cfg, first.machine.host, nil)
	if err == nil || !strings.Contains(err.Error(), "Unauthorized") {
		t.Fatal(err)
	}
}

func configPointer(id resource.ID) resource.Pointer {
	return resource.NewMetadata(configresource.NamespaceName, configresource.MachineConfigType, id, resource.VersionUndefined)
}
