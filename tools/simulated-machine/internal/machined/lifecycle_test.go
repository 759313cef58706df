package machined

import (
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

func TestResetReturnsToMaintenanceMode(t *testing.T) {
	r, c := configuredMachine(t)
	events, err := c.Events(short(t))
	must(t, err)
	var seen []string
	next := func() {
		event, err := events.Recv()
		must(t, err)
		parsed, err := client.UnmarshalEvent(event)
		if err != nil {
			seen = append(seen, "hello")
			return
		}
		switch payload := parsed.Payload.(type) {
		case *machine.ServiceStateEvent:
			seen = append(seen, payload.GetService()+" "+payload.GetAction().String())
		case *machine.SequenceEvent:
			seen = append(seen, payload.GetSequence())
		case *machine.TaskEvent:
			seen = append(seen, payload.GetTask())
		}
	}
	next()
	next()
	must(t, c.ResetGeneric(short(t), &machine.ResetRequest{
		Reboot: true, SystemPartitionsToWipe: []*machine.ResetPartitionSpec{{Label: "STATE", Wipe: true}, {Label: "EPHEMERAL", Wipe: true}},
	}))
	next()
	next()
	if got := strings.Join(seen, ","); got != "hello,machined RUNNING,reset,stopAllServices" {
		t.Error(got)
	}
	eventually(t, func() error { _, err := r.insecure().Disks(short(t)); return err })
	if r.savedConfig() != "" || r.runner.log() != "stop,start cp-1,stop,wipe" {
		t.Error(r.runner.log())
	}
}

func TestGracefulResetLeavesEtcd(t *testing.T) {
	r, c := configuredMachine(t)
	r.runner.leaveError = errors.New("re-configuration failed due to not enough started members")
	must(t, c.ResetGeneric(short(t), &machine.ResetRequest{Graceful: true, Reboot: true}))
	eventually(t, func() error {
		if seen := r.runner.log(); seen != "stop,start cp-1,leave,stop,start cp-1" {
			return errors.New(seen)
		}
		return nil
	})
	r.runner.leaveError = nil
	eventually(t, func() error {
		return c.ResetGeneric(short(t), &machine.ResetRequest{Graceful: true, Reboot: true})
	})
	eventually(t, func() error { _, err := r.insecure().Disks(short(t)); return err })
	if r.savedConfig() != "" || r.runner.log() != "stop,start cp-1,leave,stop,start cp-1,leave,stop,wipe" {
		t.Error(r.runner.log())
	}
}

func TestResetOfStateKeepsEphemeralData(t *testing.T) {
	r, c := configuredMachine(t)
	must(t, c.ResetGeneric(short(t), &machine.ResetRequest{
		SystemPartitionsToWipe: []*machine.ResetPartitionSpec{{Label: "STATE", Wipe: true}},
	}))
	eventually(t, func() error { _, err := r.insecure().Disks(short(t)); return err })
	if r.runner.log() != "stop,start cp-1,stop" {
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
