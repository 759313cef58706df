package render

import (
	"fmt"
	"sync"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/variables"
)

// deepest is how far Kustomizations may apply Kustomizations; text that grows by substitution could go on for ever.
const deepest = 50

// cluster is the state of one cluster while it is followed.
type cluster struct {
	*Renderer
	request protocol.ClusterRequest
	known   *known
	entry   *kustomization
	byID    map[string]*kustomization
	waiting []*kustomization
}

func (r *Renderer) cluster(request protocol.ClusterRequest) protocol.Cluster {
	c := &cluster{Renderer: r, request: request, known: newKnown(request.Settings), byID: map[string]*kustomization{}}
	c.renderEntry()
	for patience := waitForAll; len(c.waiting) > 0; {
		ready, rest := c.pick(patience)
		if len(ready) == 0 {
			patience++
			continue
		}
		patience = waitForAll
		c.waiting = rest
		c.renderAll(ready)
	}
	return c.assemble()
}

// What a Kustomization waits for before it is rendered, from most to least.
const (
	// its source and all its settings to turn up somewhere in the repository
	waitForAll = iota
	// only for settings that must be there
	waitForRequired
	// for nothing: what is not there by now never will be
	waitForNone
)

// pick takes those that need not wait.
func (c *cluster) pick(patience int) (ready, rest []*kustomization) {
	for _, flux := range c.waiting {
		if c.isReady(flux, patience) {
			ready = append(ready, flux)
		} else {
			rest = append(rest, flux)
		}
	}
	return ready, rest
}

func (c *cluster) isReady(flux *kustomization, patience int) bool {
	if !c.known.originOf(flux, c.Sources, c.URLs, patience > waitForAll).decided {
		return false
	}
	for _, reference := range variables.References(flux.object) {
		if c.known.lookup(reference.Kind, flux.namespace(), reference.Name) != nil {
			continue
		}
		if patience == waitForAll || patience == waitForRequired && !reference.Optional {
			return false
		}
	}
	return true
}

// renderAll renders several at once and then looks at what they apply, in order.
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

// renderOne renders one Kustomization. The entry point is always of this repository.
func (c *cluster) renderOne(flux *kustomization, isEntry bool) {
	where := c.known.originOf(flux, c.Sources, c.URLs, true)
	if !where.own && !isEntry {
		flux.skipped = skippedExternal
		return
	}
	if where.own {
		flux.folder = where.folder
	}
	if flux.suspended() {
		flux.skipped = skippedSuspended
	}
	values, problems := c.values(flux)
	flux.result = c.renderOrRecall(flux, values, where.ignore)
	flux.problems = problems
	if flux.substitutes() {
		flux.variables = values.Set
	}
	if flux.result.failed {
		flux.skipped = skippedFailed
	}
}

func (c *cluster) renderOrRecall(flux *kustomization, values variables.Values, ignore string) result {
	key := c.keyOf(flux, values, ignore)
	if key != "" {
		if made, there := c.recall(key, c.Repository.View(ignore), flux); there {
			return made
		}
	}
	// Flux builds one folder at a time; the workers are for what comes after.
	folder := c.build(flux, ignore)
	c.workers <- struct{}{}
	defer func() { <-c.workers }()
	made := c.finishFolder(folder, flux, values)
	made.key, made.fresh = key, true
	return made
}

// values gathers a Kustomization's settings; one that is missing makes every other variable unknown.
func (c *cluster) values(flux *kustomization) (variables.Values, []protocol.Problem) {
	var problems []protocol.Problem
	values, err := variables.Gather(flux.object, c.known.lookupOrGiven)
	if err != nil {
		problems = append(problems, protocol.Problem{ID: "substitution-failed", Kustomization: flux.id,
			Field: "spec.postBuild", What: err.Error()})
		values.Open = true
	}
	for index, reference := range variables.References(flux.object) {
		if reference.Optional || c.known.lookupOrGiven(reference.Kind, flux.namespace(), reference.Name) != nil {
			continue
		}
		problems = append(problems, protocol.Problem{
			ID: "substitute-from-missing", Kustomization: flux.id,
			Field: fmt.Sprintf("spec.postBuild.substituteFrom[%d].name", index),
			What:  fmt.Sprintf("takes variables from %s %s/%s, which nothing in the tree makes", reference.Kind, flux.namespace(), reference.Name),
		})
		values.Open = true
	}
	return values, problems
}

// discover learns from what a Kustomization applies, and queues the Kustomizations among it.
func (c *cluster) discover(flux *kustomization) {
	for _, object := range flux.result.objects {
		c.known.learn(object.Object.Object)
		if !isFluxKustomization(object.Object.Object) || flux == c.entry && (c.isEntry(object, false) || c.isEntry(object, true)) {
			continue
		}
		made := newKustomization(object.Object.Object, flux, object)
		if first, there := c.byID[made.id]; there {
			object.problems = append(object.problems, protocol.Problem{ID: "kustomization-twice", Kustomization: flux.id,
				What: fmt.Sprintf("Kustomization %s is declared here and in %s", made.id, first.file)})
			continue
		}
		if made.depth > deepest {
			object.problems = append(object.problems, protocol.Problem{ID: "render-failed", Kustomization: flux.id,
				What: fmt.Sprintf("Kustomization %s is %d Kustomizations deep; they seem to make each other for ever", made.id, deepest)})
			continue
		}
		c.byID[made.id] = made
		flux.children = append(flux.children, made)
		c.waiting = append(c.waiting, made)
	}
}
