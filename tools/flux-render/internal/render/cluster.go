package render

import (
	"fmt"
	"sync"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/source"
	"k8s-gitops/tools/flux-render/internal/variables"
)

// maxDepth limits the nesting of Kustomizations; names that grow by substitution could recurse forever.
const maxDepth = 50

// cluster is the state of one cluster while it is rendered.
type cluster struct {
	*Renderer
	request  protocol.ClusterRequest
	registry *registry
	entry    *kustomization
	byID     map[string]*kustomization
	pending  []*kustomization
}

func (r *Renderer) cluster(request protocol.ClusterRequest) protocol.Cluster {
	c := r.renderFrom(request, nil)
	if c.entry.assumed {
		// The FluxInstance that creates the entry's Kustomization may be anywhere below it.
		if created := c.operatorEntry(); created != nil && c.dependsOnEntry(created) {
			c = r.renderFrom(request, created)
		}
	}
	return c.assemble()
}

// renderFrom renders everything below the entry point. Entry is the Kustomization that applies it; nil if it is not known.
func (r *Renderer) renderFrom(request protocol.ClusterRequest, entry map[string]any) *cluster {
	c := &cluster{Renderer: r, request: request, registry: newRegistry(request.Settings), byID: map[string]*kustomization{}}
	c.renderEntry(entry)
	for level := waitForAll; len(c.pending) > 0; {
		ready, rest := c.pick(level)
		if len(ready) == 0 {
			level++
			continue
		}
		level = waitForAll
		c.pending = rest
		c.renderAll(ready)
	}
	return c
}

// What a Kustomization waits for before it is rendered, from strictest to most lenient.
const (
	// its source and all of its settings to be found in the repository
	waitForAll = iota
	// only its required settings
	waitForRequired
	// nothing: whatever is missing by now does not exist
	waitForNone
)

// pick separates the Kustomizations that can be rendered from those that have to wait.
func (c *cluster) pick(level int) (ready, rest []*kustomization) {
	for _, flux := range c.pending {
		if c.isReady(flux, level) {
			ready = append(ready, flux)
		} else {
			rest = append(rest, flux)
		}
	}
	return ready, rest
}

func (c *cluster) isReady(flux *kustomization, level int) bool {
	if !c.registry.originOf(flux, c.Sources, c.URLs, level > waitForAll).decided {
		return false
	}
	for _, reference := range variables.References(flux.object) {
		if c.registry.lookup(reference.Kind, flux.namespace(), reference.Name) != nil {
			continue
		}
		if level == waitForAll || level == waitForRequired && !reference.Optional {
			return false
		}
	}
	return true
}

// renderAll renders Kustomizations concurrently, then processes their objects in order.
func (c *cluster) renderAll(ready []*kustomization) {
	var all sync.WaitGroup
	for _, flux := range ready {
		all.Go(func() { c.renderOne(flux, false) })
	}
	all.Wait()
	for _, flux := range ready {
		c.discover(flux)
	}
}

// renderOne renders one Kustomization. The entry point always belongs to this repository.
func (c *cluster) renderOne(flux *kustomization, isEntry bool) {
	origin := c.registry.originOf(flux, c.Sources, c.URLs, true)
	if !origin.own && !isEntry {
		flux.skipped = skippedExternal
		return
	}
	if origin.own {
		flux.folder = origin.folder
	}
	if flux.suspended() {
		flux.skipped = skippedSuspended
	}
	values, problems := c.values(flux)
	flux.result = c.renderCached(flux, values, origin.artifact)
	flux.problems = problems
	if flux.substitutes() {
		flux.variables = values.Set
	}
	if flux.result.failed {
		flux.skipped = skippedFailed
	}
}

func (c *cluster) renderCached(flux *kustomization, values variables.Values, artifact source.Artifact) result {
	key := c.keyOf(flux, values, artifact)
	if key != "" {
		if cached, ok := c.load(key, c.Repository.View(artifact), flux); ok {
			return cached
		}
	}
	// Flux builds one folder at a time; the workers are for everything after that.
	folder := c.build(flux, artifact)
	c.workers <- struct{}{}
	defer func() { <-c.workers }()
	rendered := c.finishFolder(folder, flux, values)
	rendered.key, rendered.fresh = key, true
	return rendered
}

// values collects a Kustomization's settings; if one is missing, every other variable is unknown.
func (c *cluster) values(flux *kustomization) (variables.Values, []protocol.Problem) {
	var problems []protocol.Problem
	values, err := variables.Gather(flux.object, c.registry.lookupOrFallback)
	if err != nil {
		problems = append(problems, protocol.Problem{ID: "substitution-failed", Kustomization: flux.id,
			Field: "spec.postBuild", What: err.Error()})
		values.Incomplete = true
	}
	for index, reference := range variables.References(flux.object) {
		if reference.Optional || c.registry.lookupOrFallback(reference.Kind, flux.namespace(), reference.Name) != nil {
			continue
		}
		problems = append(problems, protocol.Problem{
			ID: "substitute-from-missing", Kustomization: flux.id,
			Field: fmt.Sprintf("spec.postBuild.substituteFrom[%d].name", index),
			What:  fmt.Sprintf("takes variables from %s %s/%s, which nothing in the tree creates", reference.Kind, flux.namespace(), reference.Name),
		})
		values.Incomplete = true
	}
	return values, problems
}

// discover registers the objects that a Kustomization applies and queues the Kustomizations among them.
func (c *cluster) discover(flux *kustomization) {
	for _, object := range flux.result.objects {
		c.registry.register(object.Object.Object)
		if !isFluxKustomization(object.Object.Object) || flux == c.entry && (c.isEntry(object, false) || c.isEntry(object, true)) {
			continue
		}
		child := newKustomization(object.Object.Object, flux, object)
		if first, ok := c.byID[child.id]; ok {
			if first.file == child.file {
				continue // one declaration that two Kustomizations apply, one perhaps in the folder that it names itself
			}
			object.problems = append(object.problems, protocol.Problem{ID: "kustomization-twice", Kustomization: flux.id,
				What: fmt.Sprintf("Kustomization %s is declared here and in %s", child.id, first.file)})
			continue
		}
		if child.depth > maxDepth {
			object.problems = append(object.problems, protocol.Problem{ID: "render-failed", Kustomization: flux.id,
				What: fmt.Sprintf("Kustomization %s is nested %d Kustomizations deep; they seem to create each other endlessly", child.id, maxDepth)})
			continue
		}
		c.byID[child.id] = child
		flux.children = append(flux.children, child)
		c.pending = append(c.pending, child)
	}
}
