package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// A View is a read-only file system for kustomize, which uses absolute paths.
var _ filesys.FileSystem = (*View)(nil)

var errReadOnly = errors.New("the repository is read-only")

func (v *View) kind(absolute string) (string, Kind) {
	name, inside := v.Relative(absolute)
	if !inside {
		return "", Missing
	}
	return name, v.Kind(name)
}

func (v *View) Exists(absolute string) bool {
	_, kind := v.kind(absolute)
	return kind != Missing
}

func (v *View) IsDir(absolute string) bool {
	_, kind := v.kind(absolute)
	return kind == Folder
}

func (v *View) ReadFile(absolute string) ([]byte, error) {
	name, inside := v.Relative(absolute)
	if !inside {
		return nil, v.outside(absolute)
	}
	if content, found := v.overlay[name]; found {
		// The file below counts as read even if it is missing, because the overlay was generated from it.
		_, _ = v.Read(name)
		return content, nil
	}
	switch v.Kind(name) {
	case Folder:
		return nil, &fs.PathError{Op: "read", Path: absolute, Err: errors.New("is a directory")}
	case Missing:
		return nil, &fs.PathError{Op: "open", Path: absolute, Err: fs.ErrNotExist}
	}
	return v.Read(name)
}

func (v *View) ReadDir(absolute string) ([]string, error) {
	name, kind := v.kind(absolute)
	if kind != Folder {
		return nil, &fs.PathError{Op: "open", Path: absolute, Err: fs.ErrNotExist}
	}
	return v.List(name), nil
}

func (v *View) CleanedAbs(absolute string) (filesys.ConfirmedDir, string, error) {
	name, inside := v.Relative(absolute)
	if !inside {
		return "", "", v.outside(absolute)
	}
	switch v.Kind(name) {
	case Folder:
		return filesys.ConfirmedDir(v.Absolute(name)), "", nil
	case File:
		parent, base := split(name)
		return filesys.ConfirmedDir(v.Absolute(parent)), base, nil
	}
	return "", "", &fs.PathError{Op: "open", Path: absolute, Err: fs.ErrNotExist}
}

func (v *View) Walk(absolute string, visit filepath.WalkFunc) error {
	name, kind := v.kind(absolute)
	if kind == Missing {
		return visit(absolute, nil, &fs.PathError{Op: "lstat", Path: absolute, Err: fs.ErrNotExist})
	}
	err := v.walk(name, kind, visit)
	if errors.Is(err, filepath.SkipDir) || errors.Is(err, filepath.SkipAll) {
		return nil
	}
	return err
}

func (v *View) walk(name string, kind Kind, visit filepath.WalkFunc) error {
	err := visit(v.Absolute(name), entryInfo{path.Base(name), kind}, nil)
	if kind != Folder || err != nil {
		return err
	}
	for _, base := range v.List(name) {
		child := path.Join(name, base)
		childKind := v.Kind(child)
		err := v.walk(child, childKind, visit)
		if errors.Is(err, filepath.SkipDir) {
			if childKind == Folder {
				continue
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *View) Create(string) (filesys.File, error) { return nil, errReadOnly }
func (v *View) Mkdir(string) error                  { return errReadOnly }
func (v *View) MkdirAll(string) error               { return errReadOnly }
func (v *View) RemoveAll(string) error              { return errReadOnly }
func (v *View) WriteFile(string, []byte) error      { return errReadOnly }
func (v *View) Open(string) (filesys.File, error)   { return nil, errors.ErrUnsupported }
func (v *View) Glob(string) ([]string, error)       { return nil, errors.ErrUnsupported }

func (v *View) outside(absolute string) error {
	if relative, err := filepath.Rel(v.repository.root, absolute); err == nil {
		absolute = relative
	}
	return fmt.Errorf("'%s' is outside the repository", absolute)
}

type entryInfo struct {
	name string
	kind Kind
}

func (e entryInfo) Name() string       { return e.name }
func (e entryInfo) Size() int64        { return 0 }
func (e entryInfo) ModTime() time.Time { return time.Time{} }
func (e entryInfo) IsDir() bool        { return e.kind == Folder }
func (e entryInfo) Sys() any           { return nil }
func (e entryInfo) Mode() os.FileMode {
	if e.kind == Folder {
		return os.ModeDir | 0o755
	}
	return 0o644
}
