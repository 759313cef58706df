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

// entry is what the cache holds of one Kustomization: a result, and every answer of the repository that it rests on.
type entry struct {
	Asked    map[string]string  `json:"asked"`
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
	Unfinished bool                   `json:"unfinished,omitempty"`
	Problems   []protocol.Problem     `json:"problems,omitempty"`
	Schema     string                 `json:"schema,omitempty"`
	Verdict    schema.Verdict         `json:"verdict"`
}

// keyOf is empty for what must not be written down.
func (r *Renderer) keyOf(flux *kustomization, values variables.Values, ignore string) string {
	if r.Cache == nil || values.Private {
		return ""
	}
	return r.Cache.Key(flux.id, flux.folder, flux.object.Object["spec"], ignore, r.Strict, values)
}

// recall gives the result of an earlier run, if nothing that it rests on has changed.
func (r *Renderer) recall(key string, view *source.View, flux *kustomization) (result, bool) {
	var kept entry
	if !r.Cache.Get(key, &kept) || !view.Holds(kept.Asked) {
		return result{}, false
	}
	made := result{files: kept.Files, failed: kept.Failed, problems: kept.Problems, key: key, asked: kept.Asked}
	for _, one := range kept.Objects {
		var content map[string]any
		if kubernetesjson.Unmarshal(one.Object, &content) != nil { // it keeps integers integers
			return result{}, false
		}
		made.objects = append(made.objects, &object{
			Object: protocol.Object{Kustomization: flux.id, Object: content, File: one.File, Generated: one.Generated,
				Variables: slices.Clip(append([]protocol.VariableUse{}, one.Variables...)), Encrypted: one.Encrypted},
			unfinished: one.Unfinished, rendering: one.Problems, schema: one.Schema, verdict: one.Verdict,
		})
	}
	return made, true
}

// remember writes a result down once its objects are judged.
func (r *Renderer) remember(made result) {
	if made.key == "" || !made.changed() {
		return
	}
	kept := entry{Asked: made.asked, Files: made.files, Failed: made.failed, Problems: made.problems, Objects: []objectEntry{}}
	for _, one := range made.objects {
		content, err := json.Marshal(one.Object.Object)
		if err != nil {
			return
		}
		kept.Objects = append(kept.Objects, objectEntry{
			Object: content, File: one.File, Generated: one.Generated, Variables: one.Variables, Encrypted: one.Encrypted,
			Unfinished: one.unfinished, Problems: one.rendering, Schema: one.schema, Verdict: one.verdict,
		})
	}
	if err := r.Cache.Put(made.key, kept); err != nil {
		r.cacheFailure.Do(func() { fmt.Fprintf(os.Stderr, "flux-render: cache: %v\n", err) })
	}
}

// changed says whether the cache does not have the result as it is now.
func (r result) changed() bool {
	if r.fresh {
		return true
	}
	for _, one := range r.objects {
		if one.judged {
			return true
		}
	}
	return false
}
