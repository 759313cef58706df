package render

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"

	kubernetesjson "k8s.io/apimachinery/pkg/util/json"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/schema"
	"k8s-gitops/tools/flux-render/internal/source"
	"k8s-gitops/tools/flux-render/internal/variables"
)

// entry is the cached result of one Kustomization with every observation of the repository that it depends on.
type entry struct {
	Observed map[string]string  `json:"asked"`
	Files    []string           `json:"files"`
	Failed   bool               `json:"failed,omitempty"`
	Problems []protocol.Problem `json:"problems,omitempty"`
	Objects  []objectEntry      `json:"objects"`
}

type objectEntry struct {
	Object     json.RawMessage        `json:"object"`
	File       string                 `json:"file"`
	Generated  bool                   `json:"generated,omitempty"`
	Variables  []protocol.VariableUse `json:"variables,omitempty"`
	Encrypted  bool                   `json:"encrypted,omitempty"`
	Incomplete bool                   `json:"unfinished,omitempty"`
	Problems   []protocol.Problem     `json:"problems,omitempty"`
	Schema     string                 `json:"schema,omitempty"`
	Validation schema.Result          `json:"verdict"`
}

// keyOf returns the cache key, empty for results that must not be written to disk.
func (r *Renderer) keyOf(flux *kustomization, values variables.Values, artifact source.Artifact) string {
	if r.Cache == nil || values.Sensitive {
		return ""
	}
	return r.Cache.Key(flux.id, flux.folder, flux.object.Object["spec"], flux.assumed, artifact, r.Strict, values)
}

// load returns the cached result of an earlier run if nothing it depends on has changed.
func (r *Renderer) load(key string, view *source.View, flux *kustomization) (result, bool) {
	var cached entry
	if !r.Cache.Get(key, &cached) || !view.IsUpToDate(cached.Observed) {
		return result{}, false
	}
	loaded := result{files: cached.Files, failed: cached.Failed, problems: cached.Problems, key: key, observed: cached.Observed}
	for _, entry := range cached.Objects {
		var content map[string]any
		if kubernetesjson.Unmarshal(entry.Object, &content) != nil { // preserves integers
			return result{}, false
		}
		loaded.objects = append(loaded.objects, &object{
			Object: protocol.Object{Kustomization: flux.id, Object: content, File: entry.File, Generated: entry.Generated,
				Variables: slices.Clip(append([]protocol.VariableUse{}, entry.Variables...)), Encrypted: entry.Encrypted},
			incomplete: entry.Incomplete, renderProblems: entry.Problems, schema: entry.Schema, validation: entry.Validation,
		})
	}
	return loaded, true
}

// store caches a result once its objects are validated.
func (r *Renderer) store(rendered result) {
	if rendered.key == "" || !rendered.changed() {
		return
	}
	cached := entry{Observed: rendered.observed, Files: rendered.files, Failed: rendered.failed, Problems: rendered.problems, Objects: []objectEntry{}}
	for _, object := range rendered.objects {
		content, err := json.Marshal(object.Object.Object)
		if err != nil {
			return
		}
		cached.Objects = append(cached.Objects, objectEntry{
			Object: content, File: object.File, Generated: object.Generated, Variables: object.Variables, Encrypted: object.Encrypted,
			Incomplete: object.incomplete, Problems: object.renderProblems, Schema: object.schema, Validation: object.validation,
		})
	}
	if err := r.Cache.Put(rendered.key, cached); err != nil {
		r.cacheFailure.Do(func() { fmt.Fprintf(os.Stderr, "flux-render: cache: %v\n", err) })
	}
}

// changed reports whether the result differs from its cache entry.
func (r result) changed() bool {
	if r.fresh {
		return true
	}
	for _, object := range r.objects {
		if object.checked {
			return true
		}
	}
	return false
}
