package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/client"
)

const bootstrapID = "machine_bootstrap"

func bootstrapKind() *resourceKind {
	return &resourceKind{
		token: "talos:machine/bootstrap:Bootstrap",
		attributes: map[string]attribute{
			"node":                  {required: true},
			"endpoint":              {computed: true},
			"clientConfiguration":   {},
			"clientConfigurationWo": {writeOnly: true},
			"timeouts":              {},
		},
		secrets: []string{"clientConfiguration.clientKey", "clientConfigurationWo"},
		validate: func(config resource.PropertyMap) error {
			return exactlyOne(config, "clientConfiguration", "client configuration")
		},
		modifyPlan: planEndpoint,
		create:     bootstrap,
		update: func(op *operation) (string, resource.PropertyMap, error) {
			return bootstrapID, op.plan, nil
		},
		importState: func(string) (string, resource.PropertyMap, error) {
			return bootstrapID, resource.PropertyMap{}, nil
		},
	}
}

// planEndpoint defaults the endpoint to the node.
func planEndpoint(op *operation) error {
	if !op.config["node"].IsComputed() && !isSet(op.config["endpoint"]) {
		op.plan["endpoint"] = op.config["node"]
	}

	return nil
}

// bootstrap retries every error, including AlreadyExists: if an interrupted run has bootstrapped the node, the next one
// waits for the whole timeout and fails.
func bootstrap(op *operation) (string, resource.PropertyMap, error) {
	to, err := targetOf(op.plan, op.config)
	if err != nil {
		return "", nil, err
	}

	timeout, err := timeoutOf(op.plan, "create")
	if err != nil {
		return "", nil, err
	}

	err = retry(op.ctx, timeout, func() error {
		return op.server.dial(op.ctx, to, func(ctx context.Context, c *client.Client) error {
			return c.Bootstrap(ctx, &machineapi.BootstrapRequest{})
		})
	})
	if err != nil {
		return "", nil, fmt.Errorf("Error bootstrapping node: %w", err)
	}

	return bootstrapID, op.plan, nil
}
