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

// Set is a folder of schemas. A kind is read and made ready when the first object of it is judged. Safe for
// concurrent use.
type Set struct {
	folder string
	index  index
	hash   string
	// versions of each group and kind that are stored
	versions map[[2]string][]string

	mutex sync.Mutex
	// ready are kinds by the hash of what is stored for them
	ready map[string]*lazyKind
}

type lazyKind struct {
	once sync.Once
	kind *kind
	err  error
}

// Open reads the index of a folder that Write made.
func Open(folder string) (*Set, error) {
	set := &Set{folder: folder, ready: map[string]*lazyKind{}, versions: map[[2]string][]string{}}
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

// Judge is a set together with the kinds that a tree declares itself; those come first.
type Judge struct {
	set *Set
	own map[kindID]ownKind
}

type ownKind struct {
	stored *stored
	hash   string
}

// With adds the CustomResourceDefinitions among objects. Those that cannot be read are left out: they are judged, and
// found wrong, as objects.
func (s *Set) With(objects []map[string]any) *Judge {
	judge := &Judge{set: s, own: map[kindID]ownKind{}}
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
			if _, there := judge.own[kind.id()]; there || err != nil {
				continue
			}
			sum := sha256.Sum256(content)
			judge.own[kind.id()] = ownKind{kind, hex.EncodeToString(sum[:12])}
		}
	}
	return judge
}

// Hash tells schemas for an object apart; it changes when a verdict could.
func (j *Judge) Hash(object map[string]any) string {
	id := idOf(object)
	if own, there := j.own[id]; there {
		return own.hash
	}
	if hash, there := j.set.index.Kinds[id.String()]; there {
		return hash
	}
	return j.set.hash + strings.Join(j.otherVersions(id), ",")
}

// find gives the kind, nil when there is no schema for it.
func (j *Judge) find(id kindID) (*kind, error) {
	if own, there := j.own[id]; there {
		return j.set.prepare(own.hash, func() (*stored, error) { return own.stored, nil })
	}
	hash, there := j.set.index.Kinds[id.String()]
	if !there {
		return nil, nil
	}
	return j.set.prepare(hash, func() (*stored, error) {
		var read stored
		err := readJSON(j.set.folder, id.file(), &read)
		return &read, err
	})
}

func (s *Set) prepare(hash string, load func() (*stored, error)) (*kind, error) {
	s.mutex.Lock()
	entry := s.ready[hash]
	if entry == nil {
		entry = &lazyKind{}
		s.ready[hash] = entry
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

// otherVersions are those in which a kind does have a schema.
func (j *Judge) otherVersions(id kindID) []string {
	versions := slices.Clone(j.set.versions[[2]string{id.group, id.kind}])
	for own := range j.own {
		if own.group == id.group && own.kind == id.kind && !slices.Contains(versions, own.version) {
			versions = append(versions, own.version)
		}
	}
	sort.Strings(versions)
	return versions
}
