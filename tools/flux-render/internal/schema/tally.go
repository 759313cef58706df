package schema

import (
	"sort"

	"k8s-gitops/tools/flux-render/internal/protocol"
)

// Tally counts what was judged.
type Tally struct {
	checked, total int
	without        map[string]bool
}

// NewTally starts at nothing.
func NewTally() *Tally { return &Tally{without: map[string]bool{}} }

// Add counts an object.
func (t *Tally) Add(object map[string]any, verdict Verdict) {
	t.total++
	if verdict.Checked {
		t.checked++
		return
	}
	t.without[idOf(object).String()] = true
}

// AddUnjudged counts an object that is not what would be applied, so that nothing can be said about it.
func (t *Tally) AddUnjudged() { t.total++ }

// Coverage is the count so far.
func (t *Tally) Coverage() protocol.Coverage {
	coverage := protocol.Coverage{Checked: t.checked, Total: t.total, KindsWithout: []string{}}
	for kind := range t.without {
		coverage.KindsWithout = append(coverage.KindsWithout, kind)
	}
	sort.Strings(coverage.KindsWithout)
	return coverage
}
