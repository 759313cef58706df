package source

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Artifact is what a Flux Kustomization reads: the repository without what Ignore excludes, or the files that an
// ArtifactGenerator copies from it.
type Artifact struct {
	// Ignore is the source's spec.ignore.
	Ignore string
	// Copies is empty for the whole repository.
	Copies []Copy
}

// Copy is a copy operation of an ArtifactGenerator. From is relative to the repository, To to the artifact, both as they
// are written.
type Copy struct {
	From, To string
	Exclude  []string
}

// copied is the content of an artifact that source-watcher v2.0 builds, as files of the repository.
type copied struct {
	// files are names in the repository by names in the artifact
	files map[string]string
	// folders are the names of the entries of each folder
	folders map[string][]string
	err     error
}

func newCopied(from *rules, copies []Copy) *copied {
	content := &copied{files: map[string]string{}, folders: map[string][]string{"": nil}}
	for _, operation := range copies {
		if content.err = content.apply(from, operation); content.err != nil {
			break
		}
	}
	for name := range content.folders {
		slices.Sort(content.folders[name])
	}
	return content
}

func (c *copied) kind(name string) Kind {
	if _, found := c.files[name]; found {
		return File
	}
	if _, found := c.folders[name]; found {
		return Folder
	}
	return Missing
}

// apply does what source-watcher does: like `cp -r`, a folder arrives below the destination with its own name.
func (c *copied) apply(from *rules, operation Copy) error {
	to := strings.TrimPrefix(path.Clean("/"+operation.To), "/")
	if !strings.ContainsAny(operation.From, "*?[]") {
		return c.applyPath(from, operation, to)
	}
	kept := 0
	selected := literalPrefix(operation.From)
	for _, match := range glob(from, operation.From) {
		if excluded(match, selected, operation.Exclude) {
			continue
		}
		kept++
		target := match
		if prefix, found := strings.CutSuffix(operation.From, "/**"); found {
			target = strings.TrimPrefix(match, prefix+"/")
		}
		c.add(from, match, path.Join(to, target), selected, operation.Exclude)
	}
	if kept == 0 {
		return fmt.Errorf("no file matches %s", operation.From)
	}
	return nil
}

func (c *copied) applyPath(from *rules, operation Copy, to string) error {
	name := strings.TrimPrefix(path.Clean("/"+operation.From), "/")
	switch from.archived(name) {
	case Missing:
		return fmt.Errorf("%s does not exist", operation.From)
	case Folder:
		base := path.Base(name)
		if name == "" {
			base = ""
		}
		c.add(from, name, path.Join(to, base), name, operation.Exclude)
	case File:
		if excluded(name, "", operation.Exclude) {
			return nil
		}
		if strings.HasSuffix(operation.To, "/") || c.kind(to) == Folder {
			to = path.Join(to, path.Base(name))
		}
		c.addFile(name, to)
	}
	return nil
}

// add copies a file, or a folder with what is in it.
func (c *copied) add(from *rules, name, to, selected string, exclude []string) {
	if from.archived(name) == File {
		c.addFile(name, to)
		return
	}
	c.addFolder(to)
	for _, base := range from.names(name) {
		if child := path.Join(name, base); !excluded(child, selected, exclude) {
			c.add(from, child, path.Join(to, base), selected, exclude)
		}
	}
}

func (c *copied) addFile(name, to string) {
	if _, replaced := c.files[to]; !replaced {
		c.link(to)
	}
	c.files[to] = name
}

func (c *copied) addFolder(name string) {
	if _, known := c.folders[name]; !known {
		c.link(name)
		c.folders[name] = nil
	}
}

// link adds a path to its folder.
func (c *copied) link(name string) {
	parent, base := split(name)
	c.addFolder(parent)
	c.folders[parent] = append(c.folders[parent], base)
}

// glob matches like io/fs.Glob: `**` is like `*`.
func glob(from *rules, pattern string) []string {
	matches := []string{""}
	for _, part := range strings.Split(pattern, "/") {
		var next []string
		for _, folder := range matches {
			for _, base := range from.names(folder) {
				if matched, err := path.Match(part, base); err == nil && matched {
					next = append(next, path.Join(folder, base))
				}
			}
		}
		matches = next
	}
	return matches
}

// literalPrefix is the folder before the first part of a pattern that has a wildcard.
func literalPrefix(pattern string) string {
	parts := strings.Split(path.Clean(pattern), "/")
	first := slices.IndexFunc(parts, func(part string) bool { return strings.ContainsAny(part, "*?[]") })
	return strings.Join(parts[:first], "/")
}

// excluded matches a path from the repository's root, a path from what is copied, and a pattern without a slash anywhere.
func excluded(name, selected string, patterns []string) bool {
	inside := strings.TrimPrefix(strings.TrimPrefix(name, selected), "/")
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		return doublestar.MatchUnvalidated(pattern, name) || inside != "" && doublestar.MatchUnvalidated(pattern, inside) ||
			!strings.Contains(pattern, "/") && doublestar.MatchUnvalidated(pattern, path.Base(name))
	})
}
