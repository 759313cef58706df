package source

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/fluxcd/pkg/sourceignore"
	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// rules decide what a source leaves out, as source-controller v1.7.3 does when it archives a Git repository. Safe for
// concurrent use.
type rules struct {
	repository *Repository
	// own is spec.ignore of the source
	own []gitignore.Pattern
	// known are answers given before: kustomize asks often
	known sync.Map
}

var (
	defaultPatterns = sourceignore.DefaultPatterns(nil)
	vcsPatterns     = sourceignore.VCSPatterns(nil)
)

// rulesFor gives the rules of a source with a certain spec.ignore.
func (r *Repository) rulesFor(ignore string) *rules {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.rules[ignore] == nil {
		r.rules[ignore] = &rules{repository: r, own: sourceignore.ReadPatterns(strings.NewReader(ignore), nil)}
	}
	return r.rules[ignore]
}

// seen is what a path is in the source's archive.
func (r *rules) seen(name string) Kind {
	if known, there := r.known.Load(name); there {
		return known.(Kind)
	}
	kind := r.look(name)
	r.known.Store(name, kind)
	return kind
}

func (r *rules) look(name string) Kind {
	kind := r.repository.onDisk(name)
	switch {
	case kind == Missing || name == "":
		return kind
	case !r.matches(name, kind == Folder):
		return kind
	case kind == Folder && r.holdsSomething(name):
		// Rules may leave a folder out and take a file in it back in.
		return Folder
	}
	return Missing
}

// names of a folder's entries that are in the archive, sorted.
func (r *rules) names(name string) []string {
	var names []string
	for _, base := range r.repository.folder(name).names {
		if r.seen(path.Join(name, base)) != Missing {
			names = append(names, base)
		}
	}
	return names
}

func (r *rules) holdsSomething(name string) bool {
	for _, base := range r.repository.folder(name).names {
		if r.seen(path.Join(name, base)) != Missing {
			return true
		}
	}
	return false
}

// matches asks the rules of every folder above a path. A .sourceignore elsewhere cannot speak about it, except that
// it would switch the default rules off; only those above the path are looked at for that.
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
