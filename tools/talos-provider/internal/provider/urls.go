package provider

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/blang/semver/v4"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/siderolabs/talos/pkg/machinery/platforms"
)

// getURLs returns the factory's asset URLs for a schematic. It makes no request, so it also returns URLs of missing assets.
func getURLs(c *call) (resource.PropertyMap, error) {
	platform, sbc := stringOf(c.args, "platform"), stringOf(c.args, "sbc")
	if (platform == "") == (sbc == "") {
		return nil, fmt.Errorf("Invalid Attribute Combination: exactly one of platform and sbc must be given")
	}

	architecture := stringOf(c.args, "architecture")
	if architecture == "" {
		architecture = "amd64"
	}

	if architecture != "amd64" && architecture != "arm64" {
		return nil, fmt.Errorf(`Invalid Attribute Value Match: architecture must be one of: ["amd64" "arm64"], got: %q`, architecture)
	}

	version := canonical(stringOf(c.args, "talosVersion"))
	if _, err := semver.ParseTolerant(version); err != nil {
		return nil, fmt.Errorf("talos_version is not valid: The provided version is not a valid semantic version.")
	}

	names, err := assets(c.server.factory.base, platform, architecture, stringOf(c.args, "schematicId"), version)
	if err != nil {
		return nil, err
	}

	result := copyOf(c.args)
	result["architecture"] = resource.NewProperty(architecture)
	result["urls"] = object(names)

	return withID(result, ""), nil
}

func assets(base, platform, arch, schematic, version string) (map[string]string, error) {
	factory, err := url.Parse(base)
	if err != nil {
		return nil, fmt.Errorf("failed to parse image factory base URL: %w", err)
	}

	installer := func(kind string) string {
		return fmt.Sprintf("%s/%s-%s/%s:%s", factory.Host, platform, kind, schematic, version)
	}
	image := func(path string) string { return strings.Join([]string{base, "image", schematic, version, path}, "/") }
	pxe := func(p platforms.Platform) string {
		return fmt.Sprintf("%s://pxe.%s/pxe/%s/%s/%s", factory.Scheme, factory.Host, schematic, version, p.PXEScriptPath(arch))
	}

	if platform == "" { // a single-board computer
		platform = "metal"

		return map[string]string{"installer": installer("installer"), "diskImage": image("metal-arm64.raw.xz")}, nil
	}

	if platform == "metal" {
		metal := platforms.MetalPlatform()

		return map[string]string{
			"installer":           installer("installer"),
			"installerSecureboot": installer("installer-secureboot"),
			"iso":                 image(metal.ISOPath(arch)),
			"isoSecureboot":       image(metal.SecureBootISOPath(arch)),
			"diskImage":           image(metal.DiskImageDefaultPath(arch)),
			"diskImageSecureboot": image(metal.SecureBootDiskImageDefaultPath(arch)),
			"pxe":                 pxe(metal),
			"kernel":              image(metal.KernelPath(arch)),
			"kernelCommandLine":   image(metal.CmdlinePath(arch)),
			"initramfs":           image(metal.InitramfsPath(arch)),
			"uki":                 image(metal.SecureBootUKIPath(arch)),
		}, nil
	}

	clouds := platforms.CloudPlatforms()

	index := slices.IndexFunc(clouds, func(p platforms.Platform) bool { return p.Name == platform })
	if index < 0 {
		return nil, fmt.Errorf("failed to find platform: %s", platform)
	}

	cloud := clouds[index]
	out := map[string]string{"installer": installer("installer")}

	if cloud.SecureBootSupported {
		out["installerSecureboot"] = installer("installer-secureboot")
	}

	for _, method := range cloud.BootMethods {
		switch method {
		case platforms.BootMethodDiskImage:
			out["diskImage"] = image(cloud.DiskImageDefaultPath(arch))
		case platforms.BootMethodPXE:
			out["pxe"] = pxe(cloud)
		case platforms.BootMethodISO:
			out["iso"] = image(cloud.ISOPath(arch))
		}
	}

	return out, nil
}
