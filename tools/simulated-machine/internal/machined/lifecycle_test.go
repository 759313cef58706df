package machined

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"google.golang.org/grpc/codes"
)

func TestBootstrapOnce(t *testing.T) {
	cluster := newCluster(t)
	cluster.bootstrapDelay = 2 * time.Second
	r := cluster.start(1, t.TempDir())
	up(t, r)
	c := r.install(r.config(machinetype.TypeControlPlane, "cp-1"))
	refused(t, c.Bootstrap(short(t), &machine.BootstrapRequest{}), codes.FailedPrecondition, "bootstrap is not available yet")
	eventually(t, func() error { return c.Bootstrap(short(t), &machine.BootstrapRequest{}) })
	refused(t, c.Bootstrap(short(t), &machine.BootstrapRequest{}), codes.AlreadyExists, "etcd data directory is not empty")
	if r.runner.log() != "stop,start cp-1,bootstrap" {
		t.Error(r.runner.log())
	}
}

func TestReadCalls(t *testing.T) {
	_, c := configuredMachine(t)

	kubeconfig, err := c.Kubeconfig(client.WithNode(short(t), "10.9.8.1"))
	must(t, err)
	if string(kubeconfig) != "server: https://cluster.example:6443" {
		t.Errorf("%s", kubeconfig)
	}

	version, err := c.Version(short(t))
	must(t, err)
	response := version.GetMessages()[0]
	if response.GetVersion().GetTag() != "v1.11.2" || response.GetVersion().GetSha() != "simulated" || response.GetPlatform().GetName() != "metal" {
		t.Error(response)
	}
	if response.GetMetadata() != nil {
		t.Error("response to a call without nodes has metadata")
	}
	version, err = c.Version(client.WithNodes(short(t), "10.9.8.1"))
	must(t, err)
	if name := version.GetMessages()[0].GetMetadata().GetHostname(); name != "10.9.8.1" {
		t.Error(name)
	}

	members, err := c.EtcdMemberList(short(t), &machine.EtcdMemberListRequest{})
	must(t, err)
	if members.GetMessages()[0].GetMembers()[0].GetHostname() != "cp-1" {
		t.Error(members)
	}
	services, err := c.ServiceList(short(t))
	must(t, err)
	if services.GetMessages()[0].GetServices()[0].GetId() != "machined" {
		t.Error(services)
	}
	stream, err := c.MachineClient.Read(short(t), &machine.ReadRequest{Path: "/etc/passwd"})
	must(t, err)
	_, err = stream.Recv()
	refused(t, err, codes.NotFound, "/etc/passwd")
}

// follow returns what a machine's events say, from before on, until `last`: sequences, phases and tasks that start, and errors.
func follow(t *testing.T, c *client.Client, last string) func() string {
	t.Helper()
	events, err := c.Events(short(t), client.WithTailEvents(-1))
	must(t, err)
	return func() string {
		t.Helper()
		var seen []string
		for len(seen) == 0 || seen[len(seen)-1] != last {
			event, err := events.Recv()
			if err != nil {
				t.Fatalf("%v after %q", err, seen)
			}
			parsed, err := client.UnmarshalEvent(event)
			if err != nil {
				continue // the initial event
			}
			switch payload := parsed.Payload.(type) {
			case *machine.SequenceEvent:
				if payload.GetError() != nil {
					seen = append(seen, payload.GetSequence()+" "+payload.GetError().GetCode().String()+" "+payload.GetError().GetMessage())
				} else if payload.GetAction() == machine.SequenceEvent_START {
					seen = append(seen, "sequence "+payload.GetSequence())
				}
			case *machine.TaskEvent:
				if payload.GetAction() == machine.TaskEvent_START {
					seen = append(seen, payload.GetTask())
				}
			}
		}
		return strings.Join(seen, ",")
	}
}

func TestResetReturnsToMaintenanceMode(t *testing.T) {
	r, c := configuredMachine(t)
	events := follow(t, c, "stopAllServices")
	must(t, c.ResetGeneric(short(t), &machine.ResetRequest{
		Reboot: true, SystemPartitionsToWipe: []*machine.ResetPartitionSpec{{Label: "STATE", Wipe: true}, {Label: "EPHEMERAL", Wipe: true}},
	}))
	want := "sequence boot,mountEphemeralPartition,writeUserFiles,startAllServices,boot CANCELED sequence failed: error running phase 3 in boot sequence: " +
		"task 1/1: failed, context canceled,sequence reset,stopAllPods,stopDBus,sendResetSignal,stopServicesForUpgrade,unmountPodMounts," +
		"unmountSystemDiskBindMounts,unmountEphemeralPartition,teardownLifecycle,kexecPrepare,stopAllServices"
	if got := events(); got != want {
		t.Error(got)
	}
	eventually(t, func() error { _, err := r.insecure().Disks(short(t)); return err })
	if r.savedConfig() != "" || r.runner.log() != "stop,start cp-1,stop pods,stop,wipe" {
		t.Error(r.runner.log())
	}
	// The operating system is still there.
	if got := r.versions(r.insecure()); got != "v1.11.2 "+schematicA {
		t.Error(got)
	}
}

func TestResetOfTheSystemDiskErasesTheOperatingSystem(t *testing.T) {
	r, c := configuredMachine(t)
	must(t, c.ResetGeneric(short(t), &machine.ResetRequest{Reboot: true}))
	eventually(t, func() error { _, err := r.insecure().Disks(short(t)); return err })
	if got := r.versions(r.insecure()); got != "v1.11.1 " {
		t.Error(got)
	}
	if r.savedConfig() != "" || r.runner.log() != "stop,start cp-1,stop pods,stop,wipe" {
		t.Error(r.runner.log())
	}
}

// A graceful reset drains and leaves etcd; if that fails, the machine reboots as it was.
func TestGracefulReset(t *testing.T) {
	r, c := configuredMachine(t)
	r.runner.set(func() {
		r.runner.leaveError = errors.New("etcdserver: re-configuration failed due to not enough started members")
	})
	events := follow(t, c, "reset FATAL sequence failed: error running phase 4 in reset sequence: task 1/1: failed, "+
		"failed to leave cluster: etcdserver: re-configuration failed due to not enough started members")
	must(t, c.ResetGeneric(short(t), &machine.ResetRequest{Graceful: true, Reboot: true}))
	events()
	const failed = "stop,start cp-1,cordon,drain,stop pods,leave,stop,start cp-1"
	eventually(t, func() error {
		if seen := r.runner.log(); seen != failed {
			return errors.New(seen)
		}
		return nil
	})
	r.runner.set(func() { r.runner.leaveError, r.runner.cordonError = nil, context.DeadlineExceeded })
	eventually(t, func() error {
		return c.ResetGeneric(short(t), &machine.ResetRequest{Graceful: true, Reboot: true})
	})
	eventually(t, func() error { _, err := r.insecure().Disks(short(t)); return err })
	// A reset goes on without a drain that fails.
	if r.savedConfig() != "" || r.runner.log() != failed+",cordon,stop pods,leave,stop,wipe" {
		t.Error(r.runner.log())
	}
}

func TestResetRefuses(t *testing.T) {
	_, c := configuredMachine(t)
	for text, request := range map[string]*machine.ResetRequest{
		`failed to get volume status with label "NOPE": resource `: {SystemPartitionsToWipe: []*machine.ResetPartitionSpec{{Label: "NOPE"}}},
		"reset failed: invalid input, wipe mode USER_DISKS doesn't support SystemPartitionsToWipe parameter": {
			Mode: machine.ResetRequest_USER_DISKS, SystemPartitionsToWipe: []*machine.ResetPartitionSpec{{Label: "STATE", Wipe: true}},
		},
		"reset failed: invalid input, wipe mode SYSTEM_DISK doesn't support UserDisksToWipe parameter": {
			Mode: machine.ResetRequest_SYSTEM_DISK, UserDisksToWipe: []string{"/dev/sda"},
		},
		"reset user disk failed: device /dev/vda wasn't found":       {UserDisksToWipe: []string{"/dev/vda"}},
		"reset user disk failed: device /dev/sda is the system disk": {UserDisksToWipe: []string{"/dev/sda"}},
	} {
		refused(t, c.ResetGeneric(short(t), request), codes.Unknown, text)
	}
}

func TestResetOfStateKeepsEphemeralData(t *testing.T) {
	r, c := configuredMachine(t)
	must(t, c.ResetGeneric(short(t), &machine.ResetRequest{
		SystemPartitionsToWipe: []*machine.ResetPartitionSpec{{Label: "STATE", Wipe: true}},
	}))
	eventually(t, func() error { _, err := r.insecure().Disks(short(t)); return err })
	if r.runner.log() != "stop,start cp-1,stop pods,stop" {
		t.Error(r.runner.log())
	}
}

func TestProcessRestartKeepsTheConfiguration(t *testing.T) {
	c := newCluster(t)
	dir := t.TempDir()
	first := c.start(1, dir)
	up(t, first)
	before := first.bootID(first.install(c.config(machinetype.TypeControlPlane, "cp-1")))
	first.stop()
	if first.runner.log() != "stop,start cp-1,stop" {
		t.Error(first.runner.log())
	}

	second := c.start(1, dir)
	up(t, second)
	if after := second.bootID(second.admin()); after == before {
		t.Error("the boot id did not change")
	}
	if second.runner.log() != "start cp-1" {
		t.Error(second.runner.log())
	}
}
