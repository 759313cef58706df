package machined

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	configresource "github.com/siderolabs/talos/pkg/machinery/resources/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/emptypb"
)

func TestEtcdCalls(t *testing.T) {
	r, c := configuredMachine(t)
	status, err := c.EtcdStatus(short(t))
	must(t, err)
	if member := status.GetMessages()[0].GetMemberStatus(); member.GetLeader() != 1 || member.GetDbSize() != 20 {
		t.Error(member)
	}
	alarms, err := c.EtcdAlarmList(short(t))
	must(t, err)
	if alarm := alarms.GetMessages()[0].GetMemberAlarms()[0]; alarm.GetAlarm() != machine.EtcdMemberAlarm_NOSPACE {
		t.Error(alarm)
	}
	leader, err := c.EtcdForfeitLeadership(short(t), &machine.EtcdForfeitLeadershipRequest{})
	must(t, err)
	if name := leader.GetMessages()[0].GetMember(); name != "cp-2" {
		t.Error(name)
	}
	must(t, c.EtcdRemoveMemberByID(short(t), &machine.EtcdRemoveMemberByIDRequest{MemberId: 7}))
	must(t, c.EtcdLeaveCluster(short(t), &machine.EtcdLeaveClusterRequest{}))

	r.runner.set(func() {
		r.runner.etcd.forfeit = errors.New("cannot forfeit leadership, only one member")
		r.runner.etcd.remove = fmt.Errorf("failed to remove member 7: %w", rpctypes.ErrMemberNotFound)
		r.runner.leaveError = errors.New("etcdserver: unhealthy cluster")
	})
	_, err = c.EtcdForfeitLeadership(short(t), &machine.EtcdForfeitLeadershipRequest{})
	refused(t, err, codes.Unknown, "failed to forfeit leadership: cannot forfeit leadership, only one member")
	refused(t, c.EtcdRemoveMemberByID(short(t), &machine.EtcdRemoveMemberByIDRequest{MemberId: 7}),
		codes.NotFound, "failed to remove member 7: etcdserver: member not found")
	refused(t, c.EtcdLeaveCluster(short(t), &machine.EtcdLeaveClusterRequest{}), codes.Unknown, "failed to leave cluster: etcdserver: unhealthy cluster")
}

func TestImages(t *testing.T) {
	_, c := configuredMachine(t)
	const image = "registry.k8s.io/kube-apiserver:v1.34.4"
	must(t, c.ImagePull(short(t), common.ContainerdNamespace_NS_CRI, image))
	refused(t, c.ImagePull(short(t), common.ContainerdNamespace_NS_CRI, "registry.k8s.io/kube-apiserver:v1.99.0"), codes.NotFound,
		`error pulling image: failed to pull image "registry.k8s.io/kube-apiserver:v1.99.0": `)
	refused(t, c.ImagePull(short(t), common.ContainerdNamespace_NS_UNKNOWN, image), codes.InvalidArgument, "invalid namespace NS_UNKNOWN")
	stream, err := c.ImageList(short(t), common.ContainerdNamespace_NS_CRI)
	must(t, err)
	first, err := stream.Recv()
	must(t, err)
	if first.GetName() != image {
		t.Error(first)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

// The bytes that were submitted can be read back, comments and all.
func TestMachineConfigsHoldTheSubmittedBytes(t *testing.T) {
	r, c := configuredMachine(t)
	content := append([]byte("# a comment\n"), r.config(machinetype.TypeControlPlane, "cp-1")...)
	must(t, r.apply(c, machine.ApplyConfigurationRequest_NO_REBOOT, content))
	check := func() {
		t.Helper()
		for _, id := range []string{configresource.ActiveID, configresource.PersistentID} {
			cfg, err := safe.StateGet[*configresource.MachineConfig](short(t), c.COSI, configPointer(id))
			must(t, err)
			got, err := cfg.Provider().Bytes()
			must(t, err)
			if string(got) != string(content) {
				t.Errorf("%s differs", id)
			}
		}
	}
	check()
	before := r.bootID(c)
	must(t, c.Reboot(short(t)))
	waitForReboot(t, r, c, before)
	check()
}

func TestConfigVersionsFollowTheComponents(t *testing.T) {
	r, c := configuredMachine(t)
	versions := func() string {
		v := r.runner.wanted.ConfigVersions
		return strings.Join([]string{v["kube-apiserver"], v["kube-controller-manager"], v["kube-scheduler"], v["kubelet"]}, " ")
	}
	if got := versions(); got != "1 1 1 1" {
		t.Error(got)
	}
	must(t, r.apply(c, machine.ApplyConfigurationRequest_NO_REBOOT, r.config(machinetype.TypeControlPlane, "cp-1",
		"registry.k8s.io/kube-apiserver:v1.34.1", "registry.k8s.io/kube-apiserver:v1.34.4")))
	if got := versions(); got != "2 1 1 1" {
		t.Error(got)
	}
	cfg, err := safe.StateGetByID[*k8s.APIServerConfig](short(t), c.COSI, k8s.APIServerConfigID)
	must(t, err)
	if cfg.TypedSpec().Image != "registry.k8s.io/kube-apiserver:v1.34.4" || cfg.Metadata().Version().String() != "2" {
		t.Error(cfg)
	}
	must(t, r.apply(c, machine.ApplyConfigurationRequest_NO_REBOOT, r.config(machinetype.TypeControlPlane, "cp-1",
		"registry.k8s.io/kube-apiserver:v1.34.1", "registry.k8s.io/kube-apiserver:v1.34.4",
		"ghcr.io/siderolabs/kubelet:v1.34.1", "ghcr.io/siderolabs/kubelet:v1.34.4")))
	if got := versions(); got != "2 1 1 2" {
		t.Error(got)
	}
}

func TestWorkersHaveNoEtcd(t *testing.T) {
	s := &configured{boot: &boot{}}
	cfg, _, err := Validate(newCluster(t).config(machinetype.TypeWorker, "w-1"))
	must(t, err)
	s.boot.active = cfg
	_, err = s.EtcdStatus(context.Background(), &emptypb.Empty{})
	refused(t, err, codes.Unimplemented, "etcd status is only available on control plane nodes")
}
