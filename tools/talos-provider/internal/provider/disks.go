package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/siderolabs/talos/pkg/machinery/cel"
	"github.com/siderolabs/talos/pkg/machinery/cel/celenv"
	"github.com/siderolabs/talos/pkg/machinery/client"
	"github.com/siderolabs/talos/pkg/machinery/config/types/block/blockhelpers"
	"github.com/siderolabs/talos/pkg/machinery/resources/block"
)

// getDisks lists a machine's disks that match a CEL selector, or all disks without one.
func getDisks(c *call) (resource.PropertyMap, error) {
	selector := stringOf(c.args, "selector")
	if selector == "" {
		selector = "true"
	}

	expression, err := cel.ParseBooleanExpression(selector, celenv.DiskLocator())
	if err != nil {
		return nil, fmt.Errorf("failed to parse celenv selector: %w", err)
	}

	to, err := targetOf(c.args)
	if err != nil {
		return nil, err
	}

	timeout, err := timeoutOf(c.args, "read")
	if err != nil {
		return nil, err
	}

	var found []*block.Disk

	err = retry(c.ctx, timeout, func() error {
		return c.server.dial(c.ctx, to, func(ctx context.Context, machine *client.Client) error {
			var err error
			found, err = blockhelpers.MatchDisks(ctx, machine.COSI, &expression)

			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("failed to get list of disks: %w", err)
	}

	list := make([]resource.PropertyValue, 0, len(found))
	for _, disk := range found {
		list = append(list, diskProperties(disk.TypedSpec()))
	}

	result := copyOf(c.args)
	result["endpoint"] = resource.NewProperty(to.endpoint)
	result["disks"] = resource.NewProperty(list)

	return withID(result, "machine_disks"), nil
}

func diskProperties(disk *block.DiskSpec) resource.PropertyValue {
	text := func(s string) resource.PropertyValue { return resource.NewProperty(s) }
	number := func(n uint64) resource.PropertyValue { return resource.NewProperty(float64(n)) }
	list := func(items []string) resource.PropertyValue {
		values := []resource.PropertyValue{}
		for _, item := range items {
			values = append(values, text(item))
		}

		return resource.NewProperty(values)
	}

	return resource.NewProperty(resource.PropertyMap{
		"devPath": text(disk.DevPath), "size": number(disk.Size), "prettySize": text(disk.PrettySize),
		"ioSize": number(uint64(disk.IOSize)), "sectorSize": number(uint64(disk.SectorSize)),
		"readonly": resource.NewProperty(disk.Readonly), "cdrom": resource.NewProperty(disk.CDROM),
		"model": text(disk.Model), "serial": text(disk.Serial), "modalias": text(disk.Modalias), "wwid": text(disk.WWID),
		"uuid": text(disk.UUID), "busPath": text(disk.BusPath), "subSystem": text(disk.SubSystem),
		"transport": text(disk.Transport), "rotational": resource.NewProperty(disk.Rotational),
		"secondaryDisks": list(disk.SecondaryDisks), "symlinks": list(disk.Symlinks),
	})
}
