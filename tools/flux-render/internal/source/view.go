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

// View is the repository for one rendering: a read-only file system for kustomize with a few files laid over it, that
// remembers what it was asked. Safe for concurrent use.
type View struct {
	*rules
	overlay map[string][]byte

	mutex sync.Mutex
	asked map[string]string
}

// View makes a fresh view; ignore is spec.ignore of the source that shows it.
func (r *Repository) View(ignore string) *View {
	return &View{
		rules:   r.rulesFor(ignore),
		overlay: map[string][]byte{},
		asked:   map[string]string{},
	}
}

// Root is the absolute path of the checkout.
func (v *View) Root() string { return v.repository.root }

// Absolute is the path that kustomize calls a path of the repository.
func (v *View) Absolute(name string) string { return filepath.Join(v.repository.root, name) }

// Relative is the path from the root, and whether it is in the repository at all.
func (v *View) Relative(absolute string) (string, bool) {
	cleaned := filepath.Clean(absolute)
	if cleaned == v.repository.root {
		return "", true
	}
	name, found := strings.CutPrefix(cleaned, v.repository.root+string(filepath.Separator))
	return filepath.ToSlash(name), found
}

// Overlay lays a file over the repository.
func (v *View) Overlay(name string, content []byte) { v.overlay[name] = content }

// Covered says that there is only something laid over a path, and no file of the repository.
func (v *View) Covered(name string) bool {
	_, laid := v.overlay[name]
	return laid && v.seen(name) != File
}

// Kind of a path that is relative to the root.
func (v *View) Kind(name string) Kind {
	if _, found := v.overlay[name]; found {
		return File
	}
	kind := v.seen(name)
	v.remember(name, [...]string{"-", "file", "folder"}[kind])
	return kind
}

// Read a file by its path from the root, without what is laid over it.
func (v *View) Read(name string) ([]byte, error) {
	if v.seen(name) != File {
		v.remember(name, "-")
		return nil, &fs.PathError{Op: "open", Path: v.Absolute(name), Err: fs.ErrNotExist}
	}
	content, hash, err := v.repository.read(name)
	v.remember(name, "file "+hash)
	return content, err
}

// List the names in a folder, sorted.
func (v *View) List(name string) []string {
	names := v.names(name)
	v.remember(name, "folder "+listHash(names))
	return names
}

// remember keeps the most telling answer: content over mere existence.
func (v *View) remember(name, answer string) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if len(answer) >= len(v.asked[name]) {
		v.asked[name] = answer
	}
}

func listHash(names []string) string {
	sum := sha256.Sum256([]byte(strings.Join(names, "\x00")))
	return hex.EncodeToString(sum[:12])
}

// Asked is every path that was asked for, with the answer: `-`, `file`, `folder`, or these with a hash of the content.
func (v *View) Asked() map[string]string {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	all := make(map[string]string, len(v.asked))
	for name, answer := range v.asked {
		all[name] = answer
	}
	// What a path is depends on the rules of the folders above it.
	for name := range v.asked {
		for parent := name; parent != ""; {
			parent, _ = split(parent)
			ignore := path.Join(parent, sourceignore.IgnoreFile)
			if _, known := all[ignore]; !known {
				all[ignore] = v.rawAnswer(ignore, "-")
			}
		}
	}
	return all
}

// Holds says whether every remembered answer is still true.
func (v *View) Holds(asked map[string]string) bool {
	for name, answer := range asked {
		if v.rawAnswer(name, answer) != answer {
			return false
		}
	}
	return true
}

// rawAnswer answers as finely as a remembered answer did.
func (v *View) rawAnswer(name, like string) string {
	kind := v.seen(name)
	if path.Base(name) == sourceignore.IgnoreFile {
		kind = v.repository.onDisk(name)
	}
	detailed := strings.Contains(like, " ") || path.Base(name) == sourceignore.IgnoreFile
	switch kind {
	case File:
		if !detailed {
			return "file"
		}
		_, hash, err := v.repository.read(name)
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

// Files are the files whose content was read, sorted.
func (v *View) Files() []string {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	files := []string{}
	for name, answer := range v.asked {
		if strings.HasPrefix(answer, "file ") {
			files = append(files, name)
		}
	}
	sort.Strings(files)
	return files
}
