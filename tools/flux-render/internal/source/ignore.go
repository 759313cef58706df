package source

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/fluxcd/pkg/sourceignore"
	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// rules decide what a source excludes, like source-controller v1.7.3 when it archives a Git repository. Safe for
// concurrent use.
type rules struct {
	repository *Repository
	// own is the source's spec.ignore
	own []gitignore.Pattern
	// copied is nil if the artifact is the repository itself
	copied *copied
	// kinds caches results, because kustomize asks often
	kinds sync.Map
}

var (
	defaultPatterns = sourceignore.DefaultPatterns(nil)
	vcsPatterns     = sourceignore.VCSPatterns(nil)
)

// rulesFor returns the rules of an artifact.
func (r *Repository) rulesFor(artifact Artifact) *rules {
	key := fmt.Sprintf("%q", artifact)
	r.mutex.Lock()
	known := r.rules[key]
	r.mutex.Unlock()
	if known != nil {
		return known
	}
	made := &rules{repository: r, own: sourceignore.ReadPatterns(strings.NewReader(artifact.Ignore), nil)}
	if len(artifact.Copies) > 0 {
		made = &rules{repository: r, copied: newCopied(made, artifact.Copies)}
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.rules[key] = made
	return made
}

// original is the name in the repository of a file of the artifact.
func (r *rules) original(name string) string {
	if r.copied == nil {
		return name
	}
	if original, found := r.copied.files[name]; found {
		return original
	}
	return name
}

// archived returns what a path is in the source's archive.
func (r *rules) archived(name string) Kind {
	if r.copied != nil {
		return r.copied.kind(name)
	}
	if kind, ok := r.kinds.Load(name); ok {
		return kind.(Kind)
	}
	kind := r.evaluate(name)
	r.kinds.Store(name, kind)
	return kind
}

func (r *rules) evaluate(name string) Kind {
	kind := r.repository.onDisk(name)
	switch {
	case kind == Missing || name == "":
		return kind
	case !r.matches(name, kind == Folder):
		return kind
	case kind == Folder && r.hasArchivedEntries(name):
		// Rules may exclude a folder and re-include a file in it.
		return Folder
	}
	return Missing
}

// names returns the archived entries of a folder, sorted.
func (r *rules) names(name string) []string {
	if r.copied != nil {
		return r.copied.folders[name]
	}
	var names []string
	for _, base := range r.repository.folder(name).names {
		if r.archived(path.Join(name, base)) != Missing {
			names = append(names, base)
		}
	}
	return names
}

func (r *rules) hasArchivedEntries(name string) bool {
	for _, base := range r.repository.folder(name).names {
		if r.archived(path.Join(name, base)) != Missing {
			return true
		}
	}
	return false
}

// matches reports whether the rules of the folders above a path exclude it. A .sourceignore elsewhere cannot exclude
// the path, but would disable the default rules; only those above the path are considered for that.
func (r *rules) matches(name string, isFolder bool) bool {
	parts := strings.Split(name, "/")
	var patterns []gitignore.Pattern
	for depth := range parts {
		patterns = append(patterns, r.repository.folder(strings.Join(parts[:depth], "/")).patterns...)
	}
	patterns = append(patterns, r.own...)
	if len(patterns) == 0 {
		patterns = defaultPatterns
	}
	return sourceignore.NewMatcher(slices.Concat(vcsPatterns, patterns)).Match(parts, isFolder)
}
