package machined

import (
	"context"

	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/siderolabs/talos/pkg/machinery/api/storage"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
	"google.golang.org/protobuf/types/known/emptypb"
)

// systemDisk is the disk that Talos is installed on.
const systemDisk = "/dev/sda"

// simulatedDisks returns a small system disk and a large data disk.
func simulatedDisks(machine string) []*block.Disk {
	disk := func(id, transport string, size uint64) *block.Disk {
		d := block.NewDisk(block.NamespaceName, id)
		spec := d.TypedSpec()
		spec.DevPath, spec.Model, spec.Serial = "/dev/"+id, "Simulated disk", machine+"-"+id
		spec.Transport, spec.SubSystem = transport, "/sys/class/block"
		spec.IOSize, spec.SectorSize = 512, 512
		spec.SetSize(size)
		return d
	}
	return []*block.Disk{disk("sda", "sata", 500_000_000_000), disk("nvme0n1", "nvme", 1_000_000_000_000)}
}

// disks is the storage service, which is also available in maintenance mode.
type disks struct {
	storage.UnimplementedStorageServiceServer
	boot *boot
}

func (s *disks) Disks(ctx context.Context, _ *emptypb.Empty) (*storage.DisksResponse, error) {
	system, err := safe.StateGetByID[*block.SystemDisk](ctx, s.boot.state, block.SystemDiskID)
	if err != nil && !state.IsNotFoundError(err) {
		return nil, err
	}
	found, err := safe.StateListAll[*block.Disk](ctx, s.boot.state)
	if err != nil {
		return nil, err
	}
	list := &storage.Disks{}
	for disk := range found.All() {
		spec := disk.TypedSpec()
		kind := storage.Disk_SSD
		if spec.Transport == "nvme" {
			kind = storage.Disk_NVME
		}
		list.Disks = append(list.Disks, &storage.Disk{
			DeviceName: spec.DevPath, Model: spec.Model, Serial: spec.Serial, Size: spec.Size, Type: kind,
			Subsystem: spec.SubSystem, SystemDisk: system != nil && system.TypedSpec().DiskID == disk.Metadata().ID(),
		})
	}
	return &storage.DisksResponse{Messages: []*storage.Disks{list}}, nil
}
