package schema

import (
	"sort"

	"k8s-gitops/tools/flux-render/internal/protocol"
)

// Tally counts validated objects.
type Tally struct {
	checked, total int
	without        map[string]bool
}

// NewTally returns an empty tally.
func NewTally() *Tally { return &Tally{without: map[string]bool{}} }

// Add counts an object.
func (t *Tally) Add(object map[string]any, result Result) {
	t.total++
	if result.Checked {
		t.checked++
		return
	}
	t.without[idOf(object).String()] = true
}

// AddUnchecked counts an object that differs from what Flux would apply, so it cannot be validated.
func (t *Tally) AddUnchecked() { t.total++ }

// Coverage returns the count so far.
func (t *Tally) Coverage() protocol.Coverage {
	coverage := protocol.Coverage{Checked: t.checked, Total: t.total, KindsWithout: []string{}}
	for kind := range t.without {
		coverage.KindsWithout = append(coverage.KindsWithout, kind)
	}
	sort.Strings(coverage.KindsWithout)
	return coverage
}
