package provider

import (
	"context"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"
)

func (s *Server) operation(ctx context.Context, urn string, olds, news *structpb.Struct) (*operation, error) {
	kind, err := resourceKindOf(urn)
	if err != nil {
		return nil, err
	}

	prior, err := unmarshal(olds)
	if err != nil {
		return nil, err
	}

	config, err := unmarshal(news)
	if err != nil {
		return nil, err
	}

	return &operation{ctx: ctx, server: s, urn: urn, kind: kind, prior: prior, config: config}, nil
}

func resourceKindOf(urn string) (*resourceKind, error) {
	token := string(resource.URN(urn).Type())
	if kind, known := resourceKinds[token]; known {
		return kind, nil
	}

	return nil, unsupported(token)
}

func unsupported(token string) error {
	return status.Errorf(codes.Unimplemented, "%s: not supported by the lab's %s; use the official provider", token, Name)
}

func unmarshal(props *structpb.Struct) (resource.PropertyMap, error) {
	// Secrets are unwrapped; the provider marks them again according to the schema.
	values, err := plugin.UnmarshalProperties(props, plugin.MarshalOptions{
		Label: "talos", KeepUnknowns: true, KeepResources: true, SkipNulls: true,
	})
	if err != nil {
		return nil, err
	}

	for key := range values {
		if strings.HasPrefix(string(key), "__") {
			delete(values, key)
		}
	}

	return values, nil
}

func marshal(props resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(props, plugin.MarshalOptions{
		Label: "talos", KeepUnknowns: true, KeepSecrets: true, KeepResources: true, SkipNulls: true,
	})
}
