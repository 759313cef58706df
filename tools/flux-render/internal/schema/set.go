package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
)

// Set is a folder of schemas. A kind is read and compiled when its first object is validated. Safe for concurrent use.
type Set struct {
	folder string
	index  index
	hash   string
	// versions are the stored versions of each group and kind
	versions map[[2]string][]string

	mutex sync.Mutex
	// compiled are kinds by the hash of their stored form
	compiled map[string]*lazyKind
}

type lazyKind struct {
	once sync.Once
	kind *kind
	err  error
}

// Open reads the index of a folder written by Write.
func Open(folder string) (*Set, error) {
	set := &Set{folder: folder, compiled: map[string]*lazyKind{}, versions: map[[2]string][]string{}}
	content, err := os.ReadFile(filepath.Join(folder, indexFile))
	if err != nil {
		return nil, fmt.Errorf("schemas: %w", err)
	}
	if err := json.Unmarshal(content, &set.index); err != nil {
		return nil, fmt.Errorf("schemas: %s: %w", indexFile, err)
	}
	sum := sha256.Sum256(content)
	set.hash = hex.EncodeToString(sum[:12])
	for name := range set.index.Kinds {
		parts := strings.Split(name, "/")
		if len(parts) == 2 {
			parts = append([]string{""}, parts...)
		}
		key := [2]string{parts[0], parts[2]}
		set.versions[key] = append(set.versions[key], parts[1])
	}
	for _, versions := range set.versions {
		sort.Strings(versions)
	}
	return set, nil
}

// Validator is a set of schemas plus the kinds that a tree declares itself, which take precedence.
type Validator struct {
	set *Set
	own map[kindID]ownKind
}

type ownKind struct {
	stored *stored
	hash   string
}

// With adds the CustomResourceDefinitions among objects. Unreadable ones are skipped: validating them as objects reports
// the problem.
func (s *Set) With(objects []map[string]any) *Validator {
	validator := &Validator{set: s, own: map[kindID]ownKind{}}
	for _, object := range objects {
		if !isCRD(object) {
			continue
		}
		kinds, err := fromCRD(object)
		if err != nil {
			continue
		}
		for _, kind := range kinds {
			content, err := json.Marshal(kind)
			if _, ok := validator.own[kind.id()]; ok || err != nil {
				continue
			}
			sum := sha256.Sum256(content)
			validator.own[kind.id()] = ownKind{kind, hex.EncodeToString(sum[:12])}
		}
	}
	return validator
}

// Hash identifies the schema for an object; it changes whenever the result of validation could.
func (v *Validator) Hash(object map[string]any) string {
	id := idOf(object)
	if own, ok := v.own[id]; ok {
		return own.hash
	}
	if hash, ok := v.set.index.Kinds[id.String()]; ok {
		return hash
	}
	return v.set.hash + strings.Join(v.otherVersions(id), ",")
}

// find returns the kind, or nil if it has no schema.
func (v *Validator) find(id kindID) (*kind, error) {
	if own, ok := v.own[id]; ok {
		return v.set.compile(own.hash, func() (*stored, error) { return own.stored, nil })
	}
	hash, ok := v.set.index.Kinds[id.String()]
	if !ok {
		return nil, nil
	}
	return v.set.compile(hash, func() (*stored, error) {
		var read stored
		err := readJSON(v.set.folder, id.file(), &read)
		return &read, err
	})
}

func (s *Set) compile(hash string, load func() (*stored, error)) (*kind, error) {
	s.mutex.Lock()
	entry := s.compiled[hash]
	if entry == nil {
		entry = &lazyKind{}
		s.compiled[hash] = entry
	}
	s.mutex.Unlock()
	entry.once.Do(func() {
		read, err := load()
		if err != nil {
			entry.err = err
			return
		}
		entry.kind, entry.err = compile(*read)
	})
	return entry.kind, entry.err
}

// otherVersions returns the versions of a kind that do have a schema.
func (v *Validator) otherVersions(id kindID) []string {
	versions := slices.Clone(v.set.versions[[2]string{id.group, id.kind}])
	for own := range v.own {
		if own.group == id.group && own.kind == id.kind && !slices.Contains(versions, own.version) {
			versions = append(versions, own.version)
		}
	}
	sort.Strings(versions)
	return versions
}
