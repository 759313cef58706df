package machined

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"k8s-gitops/tools/simulated-machine/internal/controlplane"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	machinetype "github.com/siderolabs/talos/pkg/machinery/config/machine"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const bootIDFile = "/proc/sys/kernel/random/boot_id"

// configured is the machine service of a machine with a configuration.
type configured struct {
	machine.UnimplementedMachineServiceServer
	boot *boot
}

func (s *configured) worker() bool { return s.boot.config().Machine().Type() == machinetype.TypeWorker }

func (s *configured) controlPlaneOnly(call string) error {
	if s.worker() {
		return status.Errorf(codes.Unimplemented, "%s is only available on control plane nodes", call)
	}
	return nil
}

// Bootstrap starts the first etcd member, once per cluster.
func (s *configured) Bootstrap(_ context.Context, in *machine.BootstrapRequest) (*machine.BootstrapResponse, error) {
	s.boot.machine.Logger.Printf("simulated bootstrap: request received")
	if time.Since(s.boot.at) < s.boot.machine.BootstrapDelay {
		return nil, status.Error(codes.FailedPrecondition, "bootstrap is not available yet")
	}
	if s.worker() {
		return nil, status.Error(codes.FailedPrecondition, "bootstrap can only be performed on a control plane node")
	}
	if in.GetRecoverEtcd() {
		return nil, status.Error(codes.Unimplemented, "the simulated Talos machine cannot recover etcd from a snapshot")
	}
	s.boot.bootstrapping.Lock()
	defer s.boot.bootstrapping.Unlock()
	err := s.boot.machine.Runner.Bootstrap(s.boot.config())
	switch {
	case errors.Is(err, controlplane.ErrAlreadyBootstrapped):
		return nil, status.Error(codes.AlreadyExists, "etcd data directory is not empty")
	case err != nil:
		return nil, fmt.Errorf("bootstrap: %w", err)
	}
	s.boot.machine.Logger.Printf("simulated bootstrap: done")
	return &machine.BootstrapResponse{Messages: []*machine.Bootstrap{{}}}, nil
}

// Kubeconfig streams a tar.gz archive with one file, `kubeconfig`.
func (s *configured) Kubeconfig(_ *emptypb.Empty, stream machine.MachineService_KubeconfigServer) error {
	if err := s.controlPlaneOnly("kubeconfig"); err != nil {
		return err
	}
	content, err := s.boot.machine.Runner.AdminKubeconfig(s.boot.config())
	if err != nil {
		return err
	}
	var archive bytes.Buffer
	zipped := gzip.NewWriter(&archive)
	packed := tar.NewWriter(zipped)
	header := &tar.Header{Typeflag: tar.TypeReg, Name: "kubeconfig", Size: int64(len(content)), ModTime: time.Now(), Mode: 0o600}
	if err := packed.WriteHeader(header); err != nil {
		return err
	}
	if _, err := packed.Write(content); err != nil {
		return err
	}
	if err := errors.Join(packed.Close(), zipped.Close()); err != nil {
		return err
	}
	return stream.Send(&common.Data{Bytes: archive.Bytes()})
}

// Read supports only one file, the boot id.
func (s *configured) Read(in *machine.ReadRequest, stream machine.MachineService_ReadServer) error {
	if in.GetPath() != bootIDFile {
		return status.Errorf(codes.NotFound, "stat %s: no such file or directory", in.GetPath())
	}
	return stream.Send(&common.Data{Bytes: []byte(s.boot.id + "\n")})
}

func (s *configured) Version(context.Context, *emptypb.Empty) (*machine.VersionResponse, error) {
	return &machine.VersionResponse{Messages: []*machine.Version{{
		Version: &machine.VersionInfo{
			Tag: s.boot.system.Version, Sha: "simulated", GoVersion: runtime.Version(), Os: "linux", Arch: runtime.GOARCH,
		},
		Platform: &machine.PlatformInfo{Name: s.boot.system.Platform, Mode: metal{}.String()},
		Features: &machine.FeaturesInfo{Rbac: true},
	}}}, nil
}

func (s *configured) Hostname(context.Context, *emptypb.Empty) (*machine.HostnameResponse, error) {
	name := s.boot.machine.hostname(s.boot.config())
	return &machine.HostnameResponse{Messages: []*machine.Hostname{{Hostname: name}}}, nil
}

func (s *configured) ServiceList(context.Context, *emptypb.Empty) (*machine.ServiceListResponse, error) {
	list := &machine.ServiceList{}
	for _, service := range s.boot.machine.Runner.Services() {
		list.Services = append(list.Services, &machine.ServiceInfo{
			Id: service.ID, State: service.State, Events: &machine.ServiceEvents{},
			Health: &machine.ServiceHealth{Healthy: service.Healthy, LastChange: timestamppb.New(s.boot.at)},
		})
	}
	return &machine.ServiceListResponse{Messages: []*machine.ServiceList{list}}, nil
}
