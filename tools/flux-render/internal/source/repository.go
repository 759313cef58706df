// Package source presents a checkout as Flux's source-controller archives it: without symbolic links, without what
// .sourceignore or the source's own rules exclude, without what is not in Git, and nothing outside the checkout.
package source

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"sync"

	"github.com/fluxcd/pkg/sourceignore"
	"github.com/go-git/go-git/v5/plumbing/format/gitignore"
)

// Kind is the type of a path.
type Kind int

const (
	Missing Kind = iota
	File
	Folder
)

// Repository reads each folder and file at most once, however many Kustomizations use it. Safe for concurrent use.
type Repository struct {
	root   string
	hidden map[string]bool

	mutex   sync.Mutex
	folders map[string]*folder
	files   map[string]*file
	rules   map[string]*rules
}

type folder struct {
	once    sync.Once
	entries map[string]Kind
	names   []string
	// patterns of the folder's own .sourceignore
	patterns []gitignore.Pattern
}

type file struct {
	once    sync.Once
	content []byte
	hash    string
	err     error
}

// Open prepares a repository. Hidden paths are relative to root; root may be a symbolic link.
func Open(root string, hidden []string) (*Repository, error) {
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, err
	}
	repository := &Repository{
		root:    real,
		hidden:  map[string]bool{".git": true},
		folders: map[string]*folder{},
		files:   map[string]*file{},
		rules:   map[string]*rules{},
	}
	for _, name := range hidden {
		repository.hidden[strings.Trim(path.Clean("/"+filepath.ToSlash(name)), "/")] = true
	}
	return repository, nil
}

// Root returns the absolute path of the checkout.
func (r *Repository) Root() string { return r.root }

// onDisk returns what exists on disk, whether or not a source would include it. Paths are relative to the root; "" is
// the root itself.
func (r *Repository) onDisk(name string) Kind {
	if name == "" {
		return Folder
	}
	parent, base := split(name)
	if r.onDisk(parent) != Folder {
		return Missing
	}
	return r.folder(parent).entries[base]
}

func (r *Repository) folder(name string) *folder {
	r.mutex.Lock()
	entry := r.folders[name]
	if entry == nil {
		entry = &folder{}
		r.folders[name] = entry
	}
	r.mutex.Unlock()
	entry.once.Do(func() { r.list(name, entry) })
	return entry
}

func (r *Repository) list(name string, entry *folder) {
	entry.entries = map[string]Kind{}
	// An unreadable folder is empty, as it is for source-controller.
	children, _ := os.ReadDir(filepath.Join(r.root, name))
	for _, child := range children {
		if r.hidden[path.Join(name, child.Name())] {
			continue
		}
		switch {
		case child.IsDir():
			entry.entries[child.Name()] = Folder
		case child.Type().IsRegular():
			entry.entries[child.Name()] = File
		default: // A source excludes symbolic links, sockets and devices.
			continue
		}
		entry.names = append(entry.names, child.Name())
	}
	sort.Strings(entry.names)
	if entry.entries[sourceignore.IgnoreFile] == File {
		if content, _, err := r.read(path.Join(name, sourceignore.IgnoreFile)); err == nil {
			entry.patterns = sourceignore.ReadPatterns(strings.NewReader(string(content)), domain(name))
		}
	}
}

// read returns a file's content and its hash. It refuses YAML that expands without measure.
func (r *Repository) read(name string) ([]byte, string, error) {
	r.mutex.Lock()
	entry := r.files[name]
	if entry == nil {
		entry = &file{}
		r.files[name] = entry
	}
	r.mutex.Unlock()
	entry.once.Do(func() {
		entry.content, entry.err = os.ReadFile(filepath.Join(r.root, name))
		sum := sha256.Sum256(entry.content)
		entry.hash = hex.EncodeToString(sum[:12])
		if entry.err == nil {
			entry.err = checkAliases(name, entry.content)
		}
	})
	if entry.err != nil {
		return nil, entry.hash, entry.err
	}
	return entry.content, entry.hash, nil
}

func split(name string) (parent, base string) {
	parent, base = path.Split(name)
	return strings.TrimSuffix(parent, "/"), base
}

func domain(name string) []string {
	if name == "" {
		return nil
	}
	return strings.Split(name, "/")
}
