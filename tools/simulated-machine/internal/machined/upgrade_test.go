package machined

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"google.golang.org/grpc/codes"
)

func upgrade(t *testing.T, c *client.Client, image string, options ...client.UpgradeOption) string {
	t.Helper()
	response, err := c.UpgradeWithOptions(short(t), append(options, client.WithUpgradeImage(image))...)
	must(t, err)
	message := response.GetMessages()[0]
	if message.GetAck() != "Upgrade request received" || message.GetActorId() == "" {
		t.Error(message)
	}
	return message.GetActorId()
}

func (r *running) fault(text string) {
	r.t.Helper()
	must(r.t, os.WriteFile(filepath.Join(r.machine.Settings.StateDir, "faults.json"), []byte(text), 0o600))
}

func TestInstallationTakesVersionAndSchematicFromTheImage(t *testing.T) {
	r := newCluster(t).start(1, t.TempDir())
	up(t, r)
	if got := r.versions(r.insecure()); got != "v1.11.1 " {
		t.Errorf("the boot medium: %s", got)
	}
	c := r.install(r.config(machinetype.TypeControlPlane, "cp-1"))
	if got := r.versions(c); got != "v1.11.2 "+schematicA {
		t.Error(got)
	}
	version, err := c.Version(short(t))
	must(t, err)
	if tag := version.GetMessages()[0].GetVersion().GetTag(); tag != "v1.11.2" {
		t.Error(tag)
	}
	if wanted := r.runner.wanted; wanted.Talos != "v1.11.2" || wanted.Schematic != schematicA {
		t.Error(wanted.Talos, wanted.Schematic)
	}
	// A changed image is accepted and has no effect.
	other := r.config(machinetype.TypeControlPlane, "cp-1", installer(schematicA, "v1.11.2"), installer(schematicB, "v1.11.6"))
	before := r.bootID(c)
	must(t, r.apply(c, machine.ApplyConfigurationRequest_REBOOT, other))
	waitForReboot(t, r, c, before)
	if got := r.versions(c); got != "v1.11.2 "+schematicA {
		t.Error(got)
	}
}

func TestUpgrade(t *testing.T) {
	r, c := configuredMachine(t)
	before := r.bootID(c)
	must(t, c.Bootstrap(eventuallyAllowed(t, c), &machine.BootstrapRequest{}))
	eventually(t, func() error {
		if got := r.status(c); got != "running true" {
			return errors.New(got)
		}
		return nil
	})
	r.runner.forget()
	events := follow(t, c, "stopAllServices")
	upgrade(t, c, installer(schematicB, "v1.11.6"))
	want := "sequence boot,mountEphemeralPartition,writeUserFiles,startAllServices,sequence upgrade,cordonAndDrainNode,stopAllPods,stopDBus," +
		"stopServicesForUpgrade,unmountPodMounts,unmountSystemDiskBindMounts,unmountEphemeralPartition,teardownLifecycle,upgrade,reloadMeta," +
		"kexecPrepare,stopAllServices"
	if got := events(); got != want {
		t.Error(got)
	}
	waitForReboot(t, r, c, before)
	if got := r.versions(c); got != "v1.11.6 "+schematicB {
		t.Error(got)
	}
	if got := r.runner.log(); got != "cordon,drain,stop pods,stop,start cp-1" {
		t.Error(got)
	}

	// The installed system survives the machine's process.
	r.stop()
	again := r.start(1, r.machine.Settings.StateDir)
	eventually(t, func() error { _, err := again.admin().Version(short(t)); return err })
	if got := again.versions(again.admin()); got != "v1.11.6 "+schematicB {
		t.Error(got)
	}
}

// eventuallyAllowed waits until etcd can be bootstrapped, and returns a context for the call.
func eventuallyAllowed(t *testing.T, _ *client.Client) context.Context {
	time.Sleep(350 * time.Millisecond)
	return short(t)
}

func TestUpgradeRefuses(t *testing.T) {
	r, c := configuredMachine(t)
	for _, image := range []string{"factory.talos.dev/metal-installer/abc:v1.11.6", installer(schematicB, "latest"), "x"} {
		_, err := c.UpgradeWithOptions(short(t), client.WithUpgradeImage(image))
		refused(t, err, codes.Unknown, `error validating installer image "`+image+`": failed to pull image "`+image+`": failed to resolve reference "`+image+`": `+image+": not found")
	}
	const two = "etcd member count(2) is insufficient to maintain quorum if upgrade commences"
	r.runner.set(func() { r.runner.etcd.upgrade = errors.New(two) })
	_, err := c.UpgradeWithOptions(short(t), client.WithUpgradeImage(installer(schematicB, "v1.11.6")))
	refused(t, err, codes.Unknown, "error validating etcd for upgrade: "+two)
	if got := r.runner.log(); got != "stop,start cp-1" {
		t.Error(got)
	}
	before := r.bootID(c)
	upgrade(t, c, "ghcr.io/siderolabs/installer:v1.11.6", client.WithUpgradeForce(true))
	waitForReboot(t, r, c, before)
	if got := r.versions(c); got != "v1.11.6 " {
		t.Error(got)
	}
}

func TestOneSequenceAtATime(t *testing.T) {
	r, c := configuredMachine(t)
	r.machine.TaskDelay = time.Second
	upgrade(t, c, installer(schematicB, "v1.11.6"))
	eventually(t, func() error {
		if got := r.status(c); got != "upgrading true" {
			return errors.New(got)
		}
		return nil
	})
	second := upgrade(t, c, installer(schematicB, "v1.11.3"))
	events, err := c.Events(short(t), client.WithTailEvents(-1), client.WithActorID(second))
	must(t, err)
	_, err = events.Recv() // the initial event
	must(t, err)
	event, err := events.Recv()
	must(t, err)
	parsed, err := client.UnmarshalEvent(event)
	must(t, err)
	payload, ok := parsed.Payload.(*machine.SequenceEvent)
	if !ok || payload.GetAction() != machine.SequenceEvent_NOOP || payload.GetError().GetCode() != common.Code_LOCKED ||
		payload.GetError().GetMessage() != "sequence not started: locked" {
		t.Error(parsed.Payload)
	}
	eventually(t, func() error {
		if got := r.versions(c); got != "v1.11.6 "+schematicB {
			return errors.New(got)
		}
		return nil
	})
}

func TestFailedDrainOfAnUpgradeReboots(t *testing.T) {
	r, c := configuredMachine(t)
	before := r.bootID(c)
	r.runner.set(func() { r.runner.cordonError = context.DeadlineExceeded })
	events := follow(t, c, "upgrade FATAL sequence failed: error running phase 1 in upgrade sequence: task 1/1: failed, context deadline exceeded")
	upgrade(t, c, installer(schematicB, "v1.11.6"))
	events()
	waitForReboot(t, r, c, before)
	if got := r.versions(c); got != "v1.11.2 "+schematicA {
		t.Error(got)
	}
}

func TestFaultyUpgrades(t *testing.T) {
	r, c := configuredMachine(t)
	before := r.bootID(c)
	r.fault(`{"node-1": {"upgrade": "falls-back"}}`)
	upgrade(t, c, installer(schematicB, "v1.11.6"))
	before = waitForReboot(t, r, c, before)
	if got := r.versions(c); got != "v1.11.2 "+schematicA {
		t.Error(got)
	}
	r.fault(`{"node-1": {"upgrade": "does-not-return"}}`)
	upgrade(t, c, installer(schematicB, "v1.11.6"))
	time.Sleep(time.Second)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, err := c.Version(ctx); err == nil {
		t.Fatal("the machine came back")
	}
	r.fault(`{}`)
	waitForReboot(t, r, c, before)
	if got := r.versions(c); got != "v1.11.6 "+schematicB {
		t.Error(got)
	}
}

func TestLossOfPower(t *testing.T) {
	r, c := configuredMachine(t)
	before := r.bootID(c)
	r.fault(`{"node-1": {"power": "off"}}`)
	eventually(t, func() error {
		if got := r.runner.log(); got != "stop,start cp-1,kill" {
			return errors.New(got)
		}
		return nil
	})
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, err := c.Version(ctx); err == nil {
		t.Fatal("the machine has power")
	}
	r.fault(`{}`)
	waitForReboot(t, r, c, before)
}

func TestMachineStatus(t *testing.T) {
	r := newCluster(t).start(1, t.TempDir())
	up(t, r)
	if got := r.status(r.insecure()); got != "maintenance true" {
		t.Error(got)
	}
	c := r.install(r.config(machinetype.TypeControlPlane, "cp-1"))
	expect := func(want string) {
		t.Helper()
		eventually(t, func() error {
			if got := r.status(c); got != want {
				return errors.New(got)
			}
			return nil
		})
	}
	expect("booting false [services: etcd not running]")
	must(t, c.Bootstrap(eventuallyAllowed(t, c), &machine.BootstrapRequest{}))
	expect("running true")
	r.runner.set(func() { r.runner.problem = `node "cp-1" is not ready` })
	expect(`running false [nodeReady: node "cp-1" is not ready]`)
}
