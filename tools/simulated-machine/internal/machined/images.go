package machined

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/siderolabs/talos/pkg/machinery/api/common"
	"github.com/siderolabs/talos/pkg/machinery/api/machine"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// images are the images that were pulled since the machine process started, by containerd namespace.
type images struct {
	mutex sync.Mutex
	names map[common.ContainerdNamespace][]string
}

func (i *images) add(namespace common.ContainerdNamespace, name string) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if i.names == nil {
		i.names = map[common.ContainerdNamespace][]string{}
	}
	if !slices.Contains(i.names[namespace], name) {
		i.names[namespace] = append(i.names[namespace], name)
	}
}

func (i *images) list(namespace common.ContainerdNamespace) []string {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return slices.Sorted(slices.Values(i.names[namespace]))
}

func checkNamespace(namespace common.ContainerdNamespace) error {
	if namespace == common.ContainerdNamespace_NS_CRI || namespace == common.ContainerdNamespace_NS_SYSTEM {
		return nil
	}
	return status.Errorf(codes.InvalidArgument, "invalid namespace %s", namespace)
}

// ImageList lists the images that were pulled by ImagePull.
func (s *configured) ImageList(in *machine.ImageListRequest, stream machine.MachineService_ImageListServer) error {
	if err := checkNamespace(in.GetNamespace()); err != nil {
		return err
	}
	for _, name := range s.boot.machine.images.list(in.GetNamespace()) {
		item := &machine.ImageListResponse{
			Name: name, Digest: fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(name))), Size: 1 << 20, CreatedAt: timestamppb.New(s.boot.at),
		}
		if err := stream.Send(item); err != nil {
			return err
		}
	}
	return nil
}

// ImagePull finds the images of Kubernetes releases that the lab has the programs of, and all that are not Kubernetes'.
func (s *configured) ImagePull(ctx context.Context, in *machine.ImagePullRequest) (*machine.ImagePullResponse, error) {
	if err := checkNamespace(in.GetNamespace()); err != nil {
		return nil, err
	}
	m := s.boot.machine
	missing := slices.ContainsFunc(m.faults().Unpullable, func(part string) bool { return strings.Contains(in.GetReference(), part) })
	if missing || !m.Runner.HasImage(in.GetReference()) {
		return nil, status.Errorf(codes.NotFound, "error pulling image: %s", notPulled(in.GetReference()))
	}
	if err := s.boot.pretend(ctx); err != nil {
		return nil, err
	}
	m.images.add(in.GetNamespace(), in.GetReference())
	return &machine.ImagePullResponse{Messages: []*machine.ImagePull{{}}}, nil
}
