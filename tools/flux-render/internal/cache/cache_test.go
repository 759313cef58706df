package cache

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestKeepsWhatWasPutUnderItsKey(t *testing.T) {
	folder := t.TempDir()
	kept := Open(folder, "one")
	key := kept.Key("a", 1)
	var got string
	if kept.Get(key, &got) {
		t.Error("finds what was never put")
	}
	if err := kept.Put(key, "value"); err != nil {
		t.Fatal(err)
	}
	if !kept.Get(key, &got) || got != "value" {
		t.Errorf("got %q", got)
	}
	if other := Open(folder, "two"); other.Key("a", 1) == key {
		t.Error("two programs share a key")
	}
	var none *Cache
	if none.Get(key, &got) || none.Put(key, "value") != nil {
		t.Error("no cache is not empty")
	}
	none.Prune()
}

func TestForgetsWhatWasNotUsedForTwoWeeks(t *testing.T) {
	folder := t.TempDir()
	kept := Open(folder, "one")
	fresh, stale := kept.Key("fresh"), kept.Key("stale")
	for _, key := range []string{fresh, stale} {
		if err := kept.Put(key, "value"); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-keep - time.Hour)
	if err := os.Chtimes(kept.file(stale), old, old); err != nil {
		t.Fatal(err)
	}
	kept.Prune()
	var got string
	if kept.Get(stale, &got) || !kept.Get(fresh, &got) {
		t.Error("forgets the wrong one")
	}
	// The next look is a day away.
	if err := os.Chtimes(kept.file(fresh), old, old); err != nil {
		t.Fatal(err)
	}
	kept.Prune()
	if _, err := os.Stat(kept.file(fresh)); err != nil {
		t.Error("looks too often")
	}
	if !kept.Get(fresh, &got) {
		t.Fatal("lost")
	}
	info, err := os.Stat(kept.file(fresh))
	if err != nil || time.Since(info.ModTime()) > time.Hour {
		t.Error("use does not renew an entry")
	}
	if files, _ := filepath.Glob(filepath.Join(folder, "render", ".entry-*")); len(files) > 0 {
		t.Errorf("leaves %v behind", files)
	}
}
