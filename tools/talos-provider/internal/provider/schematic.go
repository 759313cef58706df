package provider

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"gopkg.in/yaml.v3"
)

func schematicKind() *resourceKind {
	return &resourceKind{
		token:      "talos:imageFactory/schematic:Schematic",
		attributes: map[string]attribute{"schematic": {}},
		create:     postSchematic,
		// An update also creates a new schematic at the factory, but an update cannot change a resource's id: the program keeps
		// seeing the old id unless the resource has replaceOnChanges on "schematic".
		update: postSchematic,
	}
}

// schematicDocument contains the fields of a schematic that the provider supports. Anything else, including typos, is
// silently dropped before the schematic is sent to the factory.
type schematicDocument struct {
	Overlay struct {
		Image   string         `yaml:"image"`
		Name    string         `yaml:"name"`
		Options map[string]any `yaml:"options,omitempty"`
	} `yaml:"overlay,omitempty"`
	Customization struct {
		ExtraKernelArgs []string `yaml:"extraKernelArgs,omitempty"`
		Meta            []struct {
			Key   uint8  `yaml:"key"`
			Value string `yaml:"value"`
		} `yaml:"meta,omitempty"`
		SystemExtensions struct {
			OfficialExtensions []string `yaml:"officialExtensions,omitempty"`
		} `yaml:"systemExtensions,omitempty"`
		SecureBoot struct {
			IncludeWellKnownCertificates bool `yaml:"includeWellKnownCertificates,omitempty"`
		} `yaml:"secureboot,omitempty"`
	} `yaml:"customization"`
}

func postSchematic(op *operation) (string, resource.PropertyMap, error) {
	var document schematicDocument

	if err := yaml.Unmarshal([]byte(stringOf(op.plan, "schematic")), &document); err != nil {
		return "", nil, fmt.Errorf("failed to unmarshal schematic: %w", err)
	}

	body, err := yaml.Marshal(document)
	if err != nil {
		return "", nil, fmt.Errorf("failed to create schematic: %w", err)
	}

	id, err := op.server.factory.createSchematic(op.ctx, body)
	if err != nil {
		return "", nil, fmt.Errorf("failed to create schematic: %w", err)
	}

	return id, op.plan, nil
}
