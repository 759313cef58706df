package provider

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"time"

	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

const bootIDFile = "/proc/sys/kernel/random/boot_id"

// resetMachine wipes the machine's state and data if the state's onDestroy.reset is set; otherwise deleting does nothing.
// The setting must have been applied before the destroy.
func resetMachine(op *operation) error {
	if !boolOf(op.prior, "onDestroy.reset") {
		return nil
	}

	if !at(op.prior, "clientConfiguration").IsObject() {
		return fmt.Errorf("Client configuration issue during destroy: both client_configuration and client_configuration_wo " +
			"are null\n\nNote: If you're using client_configuration_wo (write-only), it's not available during destroy. " +
			"Use client_configuration instead if you need on_destroy.reset functionality")
	}

	to, err := targetOf(op.prior)
	if err != nil {
		return err
	}

	timeout, err := timeoutOf(op.prior, "delete")
	if err != nil {
		return err
	}

	ctx, cancel := context.WithTimeout(op.ctx, timeout)
	defer cancel()

	reboot := boolOf(op.prior, "onDestroy.reboot")
	request := &machineapi.ResetRequest{
		Graceful: boolOf(op.prior, "onDestroy.graceful"),
		Reboot:   reboot,
		SystemPartitionsToWipe: []*machineapi.ResetPartitionSpec{
			{Label: "STATE", Wipe: true}, {Label: "EPHEMERAL", Wipe: true},
		},
	}

	var bootID []byte

	err = op.server.dial(ctx, to, func(ctx context.Context, c *client.Client) error {
		bootID, _ = readBootID(ctx, c)

		return resetAndWatch(ctx, c, request)
	})
	if err == nil && reboot {
		err = op.waitForReboot(ctx, to, bootID)
	}

	if err != nil {
		return fmt.Errorf("Error resetting machine: %w", err)
	}

	return nil
}

// resetAndWatch requests the reset and follows the machine's events until it stops its services or disconnects.
func resetAndWatch(ctx context.Context, c *client.Client, request *machineapi.ResetRequest) error {
	watchCtx, cancel := context.WithCancel(ctx)
	defer cancel()

	stream, err := c.Events(watchCtx)
	if err != nil {
		return err
	}

	if _, err := c.ResetGenericWithResponse(ctx, request); err != nil {
		return err
	}

	for {
		event, err := stream.Recv()
		if err != nil {
			return ctx.Err() // the stream ends when the machine goes down
		}

		if parsed, err := client.UnmarshalEvent(event); err == nil {
			if task, ok := parsed.Payload.(*machineapi.TaskEvent); ok && task.GetTask() == "stopAllServices" {
				return nil
			}
		}
	}
}

// waitForReboot waits until the machine responds in maintenance mode or has a new boot id.
func (op *operation) waitForReboot(ctx context.Context, to target, before []byte) error {
	return retry(ctx, defaultTimeout, func() error {
		insecure, err := client.New(ctx, client.WithTLSConfig(&tls.Config{InsecureSkipVerify: true}), //nolint:gosec // see machine.go
			client.WithEndpoints(to.endpoint))
		if err != nil {
			return err
		}

		defer insecure.Close() //nolint:errcheck // nothing to do about it

		callCtx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()

		if _, err := insecure.Disks(client.WithNode(callCtx, to.node)); err == nil {
			return nil
		}

		return op.server.dial(callCtx, to, func(ctx context.Context, c *client.Client) error {
			after, err := readBootID(ctx, c)
			if err == nil && bytes.Equal(before, after) {
				err = fmt.Errorf("node %s has not rebooted yet", to.node)
			}

			return err
		})
	})
}

func readBootID(ctx context.Context, c *client.Client) ([]byte, error) {
	reader, err := c.Read(ctx, bootIDFile)
	if err != nil {
		return nil, err
	}

	defer reader.Close() //nolint:errcheck // nothing to do about it

	return io.ReadAll(reader)
}
