// Package render follows the Flux Kustomizations of a cluster from its entry point and renders each.
package render

import (
	"encoding/json"
	"maps"
	"runtime"
	"sync"

	"k8s-gitops/tools/flux-render/internal/build"
	"k8s-gitops/tools/flux-render/internal/cache"
	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/schema"
	"k8s-gitops/tools/flux-render/internal/source"
)

// Renderer renders clusters of one repository.
type Renderer struct {
	Repository *source.Repository
	Strict     bool
	Sources    []string
	URLs       []string
	// Schemas is nil to skip validation, Cache is nil to disable caching.
	Schemas *schema.Set
	Cache   *cache.Cache
	// workers limits concurrency across all clusters.
	workers chan struct{}

	mutex        sync.Mutex
	folders      map[string]*builtFolder
	cacheFailure sync.Once
}

// New returns a renderer with one worker per CPU. Errors concern the folder of schemas.
func New(repository *source.Repository, results *cache.Cache, request protocol.Request) (*Renderer, error) {
	renderer := &Renderer{
		Repository: repository, Strict: request.Strict, Sources: request.Sources, URLs: request.URLs, Cache: results,
		workers: make(chan struct{}, runtime.GOMAXPROCS(0)), folders: map[string]*builtFolder{},
	}
	if request.Schemas == "" {
		return renderer, nil
	}
	var err error
	renderer.Schemas, err = schema.Open(request.Schemas)
	return renderer, err
}

// Clusters renders all clusters of a request, in order.
func (r *Renderer) Clusters(requests []protocol.ClusterRequest) []protocol.Cluster {
	clusters := make([]protocol.Cluster, len(requests))
	var all sync.WaitGroup
	for index, request := range requests {
		all.Go(func() { clusters[index] = r.cluster(request) })
	}
	all.Wait()
	r.Cache.Prune()
	return clusters
}

// builtFolder is kustomize's output for a folder, before anything specific to a cluster. Clusters share it.
type builtFolder struct {
	once   sync.Once
	view   *source.View
	kind   source.Kind
	result build.Result
	err    error
}

// build builds a folder once for all Kustomizations that build it the same way.
func (r *Renderer) build(flux *kustomization, artifact source.Artifact) *builtFolder {
	spec, _ := flux.object.Object["spec"].(map[string]any)
	buildSpec := maps.Clone(spec)
	delete(buildSpec, "postBuild")
	key, err := json.Marshal([]any{flux.folder, artifact, buildSpec})
	if err != nil {
		key = []byte(flux.id)
	}
	r.mutex.Lock()
	folder := r.folders[string(key)]
	if folder == nil {
		folder = &builtFolder{}
		r.folders[string(key)] = folder
	}
	r.mutex.Unlock()
	folder.once.Do(func() {
		folder.view = r.Repository.View(artifact)
		if folder.kind = folder.view.Kind(flux.folder); folder.kind == source.Folder {
			folder.result, folder.err = build.Build(folder.view, flux.folder, flux.object)
		}
	})
	return folder
}
