package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/util/yaml"

	"k8s-gitops/tools/flux-render/internal/protocol"
)

// Write creates a folder of schemas atomically. Malformed YAML files, and kinds that two sources declare differently, are
// problems in the response; the first source takes precedence.
func Write(request protocol.SchemasRequest) (protocol.SchemasResponse, error) {
	response := protocol.SchemasResponse{Kinds: []string{}, Problems: []protocol.Problem{}}
	kinds, groups, err := fromOpenAPI(request.OpenAPI)
	if err != nil {
		return response, err
	}
	for _, source := range request.Sources {
		more, problems, err := fromSource(source)
		if err != nil {
			return response, fmt.Errorf("schema source %s: %w", source.Name, err)
		}
		if len(more) == 0 {
			problems = append(problems, protocol.Problem{ID: "schema-source-empty",
				What: fmt.Sprintf("schema source %s has no CustomResourceDefinition", source.Name)})
		}
		kinds = append(kinds, more...)
		response.Problems = append(response.Problems, problems...)
	}
	if err := os.MkdirAll(filepath.Dir(request.Out), 0o755); err != nil {
		return response, err
	}
	scratch, err := os.MkdirTemp(filepath.Dir(request.Out), ".schemas-")
	if err != nil {
		return response, err
	}
	defer os.RemoveAll(scratch)
	table := index{BuiltInGroups: groups, Kinds: map[string]string{}}
	for _, kind := range kinds {
		content, err := json.Marshal(kind)
		if err != nil {
			return response, err
		}
		sum := sha256.Sum256(content)
		hash, name := hex.EncodeToString(sum[:12]), kind.id().String()
		if known, ok := table.Kinds[name]; ok {
			if known != hash {
				response.Problems = append(response.Problems, protocol.Problem{ID: "schema-source-twice",
					What: fmt.Sprintf("%s is declared differently by two sources; the first one is used", name)})
			}
			continue
		}
		table.Kinds[name] = hash
		response.Kinds = append(response.Kinds, name)
		if err := os.WriteFile(filepath.Join(scratch, kind.id().file()), content, 0o644); err != nil {
			return response, err
		}
	}
	if err := writeJSON(scratch, indexFile, table); err != nil {
		return response, err
	}
	if err := os.RemoveAll(request.Out); err != nil {
		return response, err
	}
	sort.Strings(response.Kinds)
	if err := os.Chmod(scratch, 0o755); err != nil {
		return response, err
	}
	return response, os.Rename(scratch, request.Out)
}

// fromSource reads every YAML or JSON file of a source; folders are read recursively.
func fromSource(source protocol.SchemaSource) ([]*stored, []protocol.Problem, error) {
	var files []string
	for _, start := range source.Files {
		err := filepath.WalkDir(start, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			switch strings.ToLower(filepath.Ext(path)) {
			case ".yaml", ".yml", ".json":
				if !entry.IsDir() {
					files = append(files, path)
				}
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	sort.Strings(files)
	type outcome struct {
		kinds    []*stored
		problems []protocol.Problem
	}
	outcomes := make([]outcome, len(files))
	workers := make(chan struct{}, runtime.GOMAXPROCS(0))
	var all sync.WaitGroup
	for index, file := range files {
		all.Go(func() {
			workers <- struct{}{}
			defer func() { <-workers }()
			kinds, err := fromFile(file)
			outcomes[index].kinds = kinds
			if err != nil {
				outcomes[index].problems = []protocol.Problem{{ID: "not-yaml", File: file, What: err.Error()}}
			}
		})
	}
	all.Wait()
	var kinds []*stored
	var problems []protocol.Problem
	for _, outcome := range outcomes {
		for _, kind := range outcome.kinds {
			if len(source.Groups) == 0 || slices.Contains(source.Groups, kind.Group) {
				kinds = append(kinds, kind)
			}
		}
		problems = append(problems, outcome.problems...)
	}
	return kinds, problems, nil
}

func fromFile(file string) ([]*stored, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	decoder := yaml.NewYAMLOrJSONDecoder(opened, 1<<16)
	var kinds []*stored
	for {
		var object map[string]any
		if err := decoder.Decode(&object); err != nil {
			if errors.Is(err, io.EOF) {
				return kinds, nil
			}
			return kinds, fmt.Errorf("is not well-formed: %w", err)
		}
		if !isCRD(object) {
			continue
		}
		more, err := fromCRD(object)
		if err != nil {
			return kinds, err
		}
		kinds = append(kinds, more...)
	}
}
