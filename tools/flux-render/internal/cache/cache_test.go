package cache

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestStoresEntriesByKey(t *testing.T) {
	folder := t.TempDir()
	entries := Open(folder, "one")
	key := entries.Key("a", 1)
	var got string
	if entries.Get(key, &got) {
		t.Error("found an entry that was never stored")
	}
	if err := entries.Put(key, "value"); err != nil {
		t.Fatal(err)
	}
	if !entries.Get(key, &got) || got != "value" {
		t.Errorf("got %q", got)
	}
	if other := Open(folder, "two"); other.Key("a", 1) == key {
		t.Error("two identities share a key")
	}
	var none *Cache
	if none.Get(key, &got) || none.Put(key, "value") != nil {
		t.Error("a nil cache is not empty")
	}
	none.Prune()
}

func TestPrunesEntriesUnusedForTwoWeeks(t *testing.T) {
	folder := t.TempDir()
	entries := Open(folder, "one")
	fresh, stale := entries.Key("fresh"), entries.Key("stale")
	for _, key := range []string{fresh, stale} {
		if err := entries.Put(key, "value"); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-keep - time.Hour)
	if err := os.Chtimes(entries.file(stale), old, old); err != nil {
		t.Fatal(err)
	}
	entries.Prune()
	var got string
	if entries.Get(stale, &got) || !entries.Get(fresh, &got) {
		t.Error("pruned the wrong entry")
	}
	// The next pruning is due in a day.
	if err := os.Chtimes(entries.file(fresh), old, old); err != nil {
		t.Fatal(err)
	}
	entries.Prune()
	if _, err := os.Stat(entries.file(fresh)); err != nil {
		t.Error("pruned too often")
	}
	if !entries.Get(fresh, &got) {
		t.Fatal("lost the entry")
	}
	info, err := os.Stat(entries.file(fresh))
	if err != nil || time.Since(info.ModTime()) > time.Hour {
		t.Error("reading does not renew an entry")
	}
	if files, _ := filepath.Glob(filepath.Join(folder, "render", ".entry-*")); len(files) > 0 {
		t.Errorf("left %v behind", files)
	}
}
