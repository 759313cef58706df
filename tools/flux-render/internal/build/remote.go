package build

import (
	"errors"
	"net/http"
	"net/url"
	"os"
	"path"
	"sort"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"k8s-gitops/tools/flux-render/internal/source"
)

// Reference is a remote entry of a kustomization file.
type Reference struct {
	File string
	Line int
	Text string
}

// errOffline is returned for any network request that slips through the filter.
var errOffline = errors.New("remote resources are never fetched")

type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) { return nil, errOffline }

// GoOffline prevents all fetching: kustomize uses the default HTTP client and `git` from PATH.
func GoOffline() {
	http.DefaultTransport = offline{}
	_ = os.Setenv("PATH", "")
}

// remoteFilter removes entries that point outside the repository from kustomization files.
type remoteFilter struct {
	view *source.View

	mutex      sync.Mutex
	references map[string]Reference
}

func newRemoteFilter(view *source.View) *remoteFilter {
	return &remoteFilter{view: view, references: map[string]Reference{}}
}

func (f *remoteFilter) found() []Reference {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	var all []Reference
	for _, reference := range f.references {
		all = append(all, reference)
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].File != all[j].File {
			return all[i].File < all[j].File
		}
		return all[i].Line < all[j].Line
	})
	return all
}

// filteredView is a view of the repository without remote entries.
type filteredView struct {
	*source.View
	filter *remoteFilter
}

func (v filteredView) ReadFile(absolute string) ([]byte, error) {
	content, err := v.View.ReadFile(absolute)
	if err != nil || !isKustomizationFile(absolute) {
		return content, err
	}
	name, _ := v.Relative(absolute)
	return v.filter.apply(name, content), nil
}

// loadingFields are the fields that kustomize loads folders or files from, and fetches if they look remote.
var loadingFields = []string{"resources", "components", "bases", "crds", "configurations", "generators", "transformers"}

// apply returns the file without its remote entries, byte for byte the original if it has none.
func (f *remoteFilter) apply(name string, content []byte) []byte {
	var document yaml.Node
	if yaml.Unmarshal(content, &document) != nil || len(document.Content) == 0 {
		return content // kustomize reports it better
	}
	kustomization := document.Content[0]
	changed := false
	for _, field := range loadingFields {
		changed = f.filterList(name, valueOf(kustomization, field)) || changed
	}
	for _, field := range []string{"configMapGenerator", "secretGenerator"} {
		generators := valueOf(kustomization, field)
		if generators == nil || generators.Kind != yaml.SequenceNode {
			continue
		}
		for _, generator := range generators.Content {
			changed = f.filterList(name, valueOf(generator, "files")) || changed
			changed = f.filterList(name, valueOf(generator, "envs")) || changed
		}
	}
	if !changed {
		return content
	}
	without, err := yaml.Marshal(&document)
	if err != nil {
		return content
	}
	return without
}

// filterList removes remote entries from a list of paths. Generators write `key=path`.
func (f *remoteFilter) filterList(name string, list *yaml.Node) (changed bool) {
	if list == nil || list.Kind != yaml.SequenceNode {
		return false
	}
	var kept []*yaml.Node
	for _, entry := range list.Content {
		_, after, hasKey := strings.Cut(entry.Value, "=")
		remote := f.isRemote(path.Dir(name), entry.Value) || hasKey && f.isRemote(path.Dir(name), after)
		if entry.Kind == yaml.ScalarNode && remote {
			f.add(Reference{File: name, Line: entry.Line, Text: entry.Value})
			changed = true
			continue
		}
		kept = append(kept, entry)
	}
	list.Content = kept
	return changed
}

// valueOf returns the value of a field of a mapping, nil if it is missing.
func valueOf(mapping *yaml.Node, field string) *yaml.Node {
	if mapping.Kind != yaml.MappingNode {
		return nil
	}
	for index := 0; index+1 < len(mapping.Content); index += 2 {
		if mapping.Content[index].Value == field {
			return mapping.Content[index+1]
		}
	}
	return nil
}

func (f *remoteFilter) add(reference Reference) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	key := reference.File + "\x00" + reference.Text
	// The file is read again with the generator's output overlaid; only the first read has the right line.
	if _, known := f.references[key]; !known {
		f.references[key] = reference
	}
}

// isRemote reports whether kustomize would fetch an entry: it does not exist here and looks like a URL.
func (f *remoteFilter) isRemote(folder, entry string) bool {
	lower := strings.ToLower(entry)
	for _, prefix := range []string{"git::", "gh:", "ssh://", "http://", "https://", "git@", "github.com:", "github.com/"} {
		if strings.HasPrefix(lower, prefix) {
			return f.view.Kind(path.Join(folder, entry)) == source.Missing
		}
	}
	if strings.Contains(entry, "\n") {
		return false
	}
	parsed, err := url.Parse(entry)
	return err == nil && parsed.Scheme != "" && parsed.Scheme != "file" && parsed.Host != ""
}
