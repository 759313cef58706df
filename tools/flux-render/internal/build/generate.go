package build

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/fluxcd/pkg/kustomize"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"k8s-gitops/tools/flux-render/internal/source"
)

// generate has Flux write the kustomization file that the controller would: the folder's own file, or one generated
// from the manifests below it, merged with the Flux Kustomization's patches, components, prefixes, images and
// namespace. The generator writes to disk, so it works on a copy of the files it looks at.
func generate(view filteredView, folder string, flux unstructured.Unstructured) (name string, content []byte, err error) {
	scratch, err := os.MkdirTemp("", "flux-render-")
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(scratch)
	// Flux compares paths with symbolic links resolved.
	if scratch, err = filepath.EvalSymlinks(scratch); err != nil {
		return "", nil, err
	}
	target := filepath.Join(scratch, folder)
	if err := os.MkdirAll(target, 0o700); err != nil {
		return "", nil, err
	}
	if err := copyForGenerator(view, folder, scratch, flux); err != nil {
		return "", nil, err
	}
	if _, err := kustomize.NewGenerator(scratch, flux).WriteFile(target); err != nil {
		return "", nil, scratchError{err, scratch}
	}
	name, found := kustomizationFile(view.View, folder)
	if !found {
		name = path.Join(folder, "kustomization.yaml")
	}
	content, err = os.ReadFile(filepath.Join(scratch, name))
	return name, content, err
}

// copyForGenerator copies the kustomization file, or every manifest if there is none, and creates the folders of
// components, because the generator checks that they exist.
func copyForGenerator(view filteredView, folder, scratch string, flux unstructured.Unstructured) error {
	components, _, _ := unstructured.NestedStringSlice(flux.Object, "spec", "components")
	for _, component := range components {
		name := path.Join(folder, component)
		if name != ".." && !strings.HasPrefix(name, "../") && view.Kind(strings.TrimPrefix(name, ".")) != source.Missing {
			if err := os.MkdirAll(filepath.Join(scratch, name), 0o700); err != nil {
				return err
			}
		}
	}
	if name, found := kustomizationFile(view.View, folder); found {
		return copyFile(view, name, scratch)
	}
	return copyManifests(view, folder, scratch)
}

func copyManifests(view filteredView, folder, scratch string) error {
	for _, base := range view.List(folder) {
		name := path.Join(folder, base)
		if view.Kind(name) == source.Folder {
			if inner, found := kustomizationFile(view.View, name); found {
				if err := copyFile(view, inner, scratch); err != nil {
					return err
				}
			} else if err := copyManifests(view, name, scratch); err != nil {
				return err
			}
			continue
		}
		if extension := path.Ext(base); extension == ".yaml" || extension == ".yml" {
			if err := copyFile(view, name, scratch); err != nil {
				return err
			}
		}
	}
	return nil
}

func copyFile(view filteredView, name, scratch string) error {
	content, err := view.ReadFile(view.Absolute(name))
	if err != nil {
		return err
	}
	target := filepath.Join(scratch, name)
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	return os.WriteFile(target, content, 0o600)
}

// scratchError is a generator error whose paths point into the scratch copy.
type scratchError struct {
	error
	scratch string
}

func (e scratchError) Unwrap() error { return e.error }
