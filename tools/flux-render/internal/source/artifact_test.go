package source

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The expected contents are those of source-watcher 2.0: internal/builder/builder.go, read at main of 2026-07-01.
func TestCopiesLikeSourceWatcher(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"apps/web/web.yaml", "apps/web/deep/more.yaml", "apps/web/README.md", "apps/api/api.yaml", "top.yaml"} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	repository, err := Open(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		copies []Copy
		want   string
		fails  string
	}{
		"a folder keeps its name":            {[]Copy{{From: "apps/api", To: ""}}, "api/api.yaml", ""},
		"slashes at the end of a folder":     {[]Copy{{From: "apps/api/", To: "x/apps/api/"}}, "x/apps/api/api/api.yaml", ""},
		"the content of a folder":            {[]Copy{{From: "apps/web/**", To: "x"}}, "x/README.md x/deep/more.yaml x/web.yaml", ""},
		"another pattern keeps the path":     {[]Copy{{From: "apps/*/*.yaml", To: "x"}}, "x/apps/api/api.yaml x/apps/web/web.yaml", ""},
		"a file under a new name":            {[]Copy{{From: "top.yaml", To: "x/new.yaml"}}, "x/new.yaml", ""},
		"a file into a folder":               {[]Copy{{From: "top.yaml", To: "x/"}}, "x/top.yaml", ""},
		"a file into a folder that is there": {[]Copy{{From: "apps/api", To: "x"}, {From: "top.yaml", To: "x"}}, "x/api/api.yaml x/top.yaml", ""},
		"a later file replaces":              {[]Copy{{From: "top.yaml", To: "a"}, {From: "apps/api/api.yaml", To: "a"}}, "a", ""},
		"exclude by name":                    {[]Copy{{From: "apps/web", To: "", Exclude: []string{"*.md"}}}, "web/deep/more.yaml web/web.yaml", ""},
		"exclude by path from the folder":    {[]Copy{{From: "apps/web", To: "", Exclude: []string{"deep/**"}}}, "web/README.md web/web.yaml", ""},
		"exclude by path from the source":    {[]Copy{{From: "apps/**", To: "", Exclude: []string{"apps/web"}}}, "api/api.yaml", ""},
		"everything":                         {[]Copy{{From: "", To: "all"}}, "all/apps/api/api.yaml all/apps/web/README.md all/apps/web/deep/more.yaml all/apps/web/web.yaml all/top.yaml", ""},
		"nothing there":                      {[]Copy{{From: "gone", To: ""}}, "", "gone does not exist"},
		"nothing matches":                    {[]Copy{{From: "gone/**", To: ""}}, "", "no file matches gone/**"},
	} {
		t.Run(name, func(t *testing.T) {
			view := repository.View(Artifact{Copies: test.copies})
			if test.fails != "" {
				if err := view.Err(); err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Fatalf("error %v, want %s", err, test.fails)
				}
				return
			}
			var found []string
			_ = view.Walk(view.Absolute(""), func(name string, info os.FileInfo, err error) error {
				if err != nil || info.IsDir() {
					return err
				}
				relative, _ := view.Relative(name)
				content, err := view.Read(relative)
				if string(content) != view.Original(relative) {
					t.Errorf("%s has the content of %s, not of %s", relative, content, view.Original(relative))
				}
				found = append(found, relative)
				return err
			})
			slices.Sort(found)
			if got := strings.Join(found, " "); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
