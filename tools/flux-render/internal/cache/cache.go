// Package cache keeps results of earlier runs in a folder. Unreadable or damaged entries count as missing.
package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

const (
	keep      = 14 * 24 * time.Hour
	pruneStep = 24 * time.Hour
	stamp     = "pruned"
)

// Cache is a folder of entries. A nil Cache is always empty. Safe for concurrent use, also by several processes.
type Cache struct {
	folder   string
	identity string
}

// Open returns the cache in a folder, or nil if folder is empty. The identity stands for the program: entries written
// under another identity are not found.
func Open(folder, identity string) *Cache {
	if folder == "" {
		return nil
	}
	return &Cache{folder: filepath.Join(folder, "render"), identity: identity}
}

// Key hashes everything a result depends on, except file contents.
func (c *Cache) Key(parts ...any) string {
	text, err := json.Marshal(append([]any{c.identity}, parts...))
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Get reads an entry into the given value and reports whether it was found.
func (c *Cache) Get(key string, into any) bool {
	if c == nil || key == "" {
		return false
	}
	file := c.file(key)
	content, err := os.ReadFile(file)
	if err != nil || len(content) < sha256.Size {
		return false
	}
	sum := sha256.Sum256(content[sha256.Size:])
	if !bytes.Equal(sum[:], content[:sha256.Size]) || json.Unmarshal(content[sha256.Size:], into) != nil {
		return false
	}
	if info, err := os.Stat(file); err == nil && time.Since(info.ModTime()) > pruneStep {
		now := time.Now()
		_ = os.Chtimes(file, now, now) // keeps it from being pruned
	}
	return true
}

// Put writes an entry atomically.
func (c *Cache) Put(key string, value any) error {
	if c == nil || key == "" {
		return nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	// Rendered objects may contain data meant only for people with access to the repository.
	if err := os.MkdirAll(filepath.Dir(c.file(key)), 0o700); err != nil {
		return err
	}
	scratch, err := os.CreateTemp(c.folder, ".entry-")
	if err != nil {
		return err
	}
	defer os.Remove(scratch.Name())
	sum := sha256.Sum256(text)
	_, err = scratch.Write(append(sum[:], text...))
	if closed := scratch.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(scratch.Name(), c.file(key))
}

// Prune removes entries unused for two weeks. It runs at most once a day.
func (c *Cache) Prune() {
	if c == nil {
		return
	}
	mark := filepath.Join(c.folder, stamp)
	if info, err := os.Stat(mark); err == nil && time.Since(info.ModTime()) < pruneStep {
		return
	}
	if os.WriteFile(mark, nil, 0o600) != nil {
		return
	}
	now := time.Now()
	_ = os.Chtimes(mark, now, now)
	_ = filepath.WalkDir(c.folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		if info, err := entry.Info(); err == nil && now.Sub(info.ModTime()) > keep {
			_ = os.Remove(path)
		}
		return nil
	})
}

func (c *Cache) file(key string) string {
	return filepath.Join(c.folder, key[:2], key+".json")
}
