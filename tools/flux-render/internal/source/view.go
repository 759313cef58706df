package source

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"sync"

	"github.com/fluxcd/pkg/sourceignore"
)

// View is the repository for one rendering: a read-only file system for kustomize with a few files overlaid. It records
// every access. Safe for concurrent use.
type View struct {
	*rules
	overlay map[string][]byte

	mutex    sync.Mutex
	observed map[string]string
}

// View returns a fresh view of an artifact.
func (r *Repository) View(artifact Artifact) *View {
	return &View{
		rules:    r.rulesFor(artifact),
		overlay:  map[string][]byte{},
		observed: map[string]string{},
	}
}

// Root returns the absolute path of the checkout.
func (v *View) Root() string { return v.repository.root }

// Absolute returns the absolute path, as kustomize uses it, of a path relative to the root.
func (v *View) Absolute(name string) string { return filepath.Join(v.repository.root, name) }

// Relative returns the path relative to the root and whether it is inside the repository.
func (v *View) Relative(absolute string) (string, bool) {
	cleaned := filepath.Clean(absolute)
	if cleaned == v.repository.root {
		return "", true
	}
	name, found := strings.CutPrefix(cleaned, v.repository.root+string(filepath.Separator))
	return filepath.ToSlash(name), found
}

// Original returns the file of the repository that a file of the artifact was copied from.
func (v *View) Original(name string) string { return v.original(name) }

// Err says why the artifact cannot be built; nil if it can.
func (v *View) Err() error {
	if v.copied == nil {
		return nil
	}
	return v.copied.err
}

// Overlay places a file over the repository's content.
func (v *View) Overlay(name string, content []byte) { v.overlay[name] = content }

// IsOverlayOnly reports whether a path exists in the overlay but not in the repository.
func (v *View) IsOverlayOnly(name string) bool {
	_, overlaid := v.overlay[name]
	return overlaid && v.archived(name) != File
}

// Kind returns the type of a path relative to the root.
func (v *View) Kind(name string) Kind {
	if _, found := v.overlay[name]; found {
		return File
	}
	kind := v.archived(name)
	v.observe(name, [...]string{"-", "file", "folder"}[kind])
	return kind
}

// Read returns a file by its path relative to the root, ignoring the overlay.
func (v *View) Read(name string) ([]byte, error) {
	if v.archived(name) != File {
		v.observe(name, "-")
		return nil, &fs.PathError{Op: "open", Path: v.Absolute(name), Err: fs.ErrNotExist}
	}
	content, hash, err := v.repository.read(v.original(name))
	v.observe(name, "file "+hash)
	return content, err
}

// List returns the names in a folder, sorted.
func (v *View) List(name string) []string {
	names := v.names(name)
	v.observe(name, "folder "+listHash(names))
	return names
}

// observe records the most specific answer: a content hash over mere existence.
func (v *View) observe(name, answer string) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if len(answer) >= len(v.observed[name]) {
		v.observed[name] = answer
	}
}

func listHash(names []string) string {
	sum := sha256.Sum256([]byte(strings.Join(names, "\x00")))
	return hex.EncodeToString(sum[:12])
}

// Observed returns every path that was accessed and what it was: `-`, `file`, `folder`, or the latter two with a hash
// of the content.
func (v *View) Observed() map[string]string {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	all := make(map[string]string, len(v.observed))
	for name, answer := range v.observed {
		all[name] = answer
	}
	// What a path is also depends on the ignore rules of the folders above it.
	for name := range v.observed {
		for parent := name; parent != ""; {
			parent, _ = split(parent)
			ignore := path.Join(parent, sourceignore.IgnoreFile)
			if _, known := all[ignore]; !known {
				all[ignore] = v.current(ignore, "-")
			}
		}
	}
	return all
}

// IsUpToDate reports whether everything that an earlier view observed is unchanged.
func (v *View) IsUpToDate(observed map[string]string) bool {
	for name, answer := range observed {
		if v.current(name, answer) != answer {
			return false
		}
	}
	return true
}

// current observes a path with the same level of detail as an earlier answer.
func (v *View) current(name, like string) string {
	kind := v.archived(name)
	if path.Base(name) == sourceignore.IgnoreFile && v.copied == nil {
		kind = v.repository.onDisk(name)
	}
	detailed := strings.Contains(like, " ") || path.Base(name) == sourceignore.IgnoreFile
	switch kind {
	case File:
		if !detailed {
			return "file"
		}
		_, hash, err := v.repository.read(v.original(name))
		if err != nil {
			return "-"
		}
		return "file " + hash
	case Folder:
		if !detailed {
			return "folder"
		}
		return "folder " + listHash(v.names(name))
	}
	return "-"
}

// Files returns the files whose content was read, sorted.
func (v *View) Files() []string {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	files := []string{}
	for name, answer := range v.observed {
		if strings.HasPrefix(answer, "file ") {
			files = append(files, name)
		}
	}
	sort.Strings(files)
	return files
}
