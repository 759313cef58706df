package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/blang/semver/v4"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// call is one invocation of a function.
type call struct {
	ctx    context.Context
	server *Server
	args   resource.PropertyMap
}

// function describes one function of the provider.
type function struct {
	required []string
	call     func(c *call) (resource.PropertyMap, error)
}

func (f function) checkRequired(args resource.PropertyMap) []*pulumirpc.CheckFailure {
	return missing(f.required, args)
}

// functions maps tokens to functions. Other functions of the official provider are rejected by name.
var functions = map[string]function{
	"talos:machine/getConfiguration:getConfiguration": {
		required: []string{"clusterEndpoint", "clusterName", "machineSecrets", "machineType"}, call: machineConfiguration,
	},
	"talos:client/getConfiguration:getConfiguration": {
		required: []string{"clientConfiguration", "clusterName"}, call: clientConfiguration,
	},
	"talos:cluster/getKubeconfig:getKubeconfig":  {required: []string{"clientConfiguration", "node"}, call: getKubeconfig},
	"talos:imageFactory/getUrls:getUrls":         {required: []string{"schematicId", "talosVersion"}, call: getURLs},
	"talos:imageFactory/getVersions:getVersions": {call: getVersions},
	"talos:imageFactory/getExtensionsVersions:getExtensionsVersions": {
		required: []string{"talosVersion"}, call: getExtensionsVersions,
	},
	"talos:machine/getDisks:getDisks": {required: []string{"clientConfiguration", "node"}, call: getDisks},
}

// getKubeconfig fetches a new admin certificate on each call, so its result differs in every preview.
func getKubeconfig(c *call) (resource.PropertyMap, error) {
	fetched, err := fetchKubeconfig(c.ctx, c.server, c.args, "read")
	if err != nil {
		return nil, err
	}

	result := copyOf(c.args)
	if stringOf(result, "endpoint") == "" {
		result["endpoint"] = result["node"]
	}

	fetched.store(result)

	return withID(result, fetched.cluster), nil
}

func getVersions(c *call) (resource.PropertyMap, error) {
	versions, err := c.server.factory.versions(c.ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to get talos versions: %w", err)
	}

	list := []resource.PropertyValue{}

	for _, version := range versions {
		parsed, err := semver.Parse(strings.TrimPrefix(version, "v"))
		if err != nil {
			return nil, fmt.Errorf("failed to parse talos version: %w", err)
		}

		if len(parsed.Pre) == 0 || !boolOf(c.args, "filters.stableVersionsOnly") {
			list = append(list, resource.NewProperty(version))
		}
	}

	// The result does not include the filters.
	return withID(resource.PropertyMap{"talosVersions": resource.NewProperty(list)}, "talos_versions"), nil
}

func getExtensionsVersions(c *call) (resource.PropertyMap, error) {
	offered, err := c.server.factory.extensions(c.ctx, stringOf(c.args, "talosVersion"))
	if err != nil {
		return nil, fmt.Errorf("failed to get talos extensions versions: %w", err)
	}

	exact, _ := stringsOf(c.args, "exactFilters.names")
	partial, _ := stringsOf(c.args, "filters.names")
	list := []resource.PropertyValue{}

	for _, e := range offered {
		wanted := len(exact)+len(partial) == 0 || slices.Contains(exact, e.Name) ||
			slices.ContainsFunc(partial, func(part string) bool { return strings.Contains(e.Name, part) })
		if wanted {
			list = append(list, object(map[string]string{
				"name": e.Name, "ref": e.Ref, "digest": e.Digest, "author": e.Author, "description": e.Description,
			}))
		}
	}

	result := copyOf(c.args)
	result["extensionsInfos"] = resource.NewProperty(list)

	return withID(result, "extensions_info"), nil
}
