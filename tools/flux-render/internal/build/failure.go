package build

import (
	"bytes"
	"errors"
	"io"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"k8s-gitops/tools/flux-render/internal/source"
)

// Failure explains why a folder does not build.
type Failure struct {
	// File is relative to the root and empty if unknown; Line counts from 1.
	File string
	Line int
	What string
	// NotYAML is set if a file is not well-formed; Remote if the build needs a remote resource.
	NotYAML bool
	Remote  bool
	// Consequence is set if the failure may follow from a remote entry that was left out.
	Consequence bool
}

func (f *Failure) Error() string { return f.What }

var (
	malformed    = regexp.MustCompile(`(?s)MalformedYAMLError: (.*?) in File: (\S+)`)
	decodeFailed = regexp.MustCompile(`(?s)failed to decode Kubernetes YAML from (\S+): (.*)`)
	lineNumber   = regexp.MustCompile(`line (\d+)`)
	noSuchFile   = regexp.MustCompile(`open ([^\s:]+): file does not exist`)
	manyAliases  = regexp.MustCompile(`([^\s':]+) (has aliases that expand to more than \d+ values)`)
	duplicateID  = regexp.MustCompile(`may not add resource with an already registered id: ([^']+?)(?:'|$)`)
	noTarget     = regexp.MustCompile(`(?:no matches for Id|no resource matches strategic merge patch) ?"?([^"';]+)"?`)
	emptyFile    = regexp.MustCompile(`kustomization.yaml is empty`)
	wrongKind    = regexp.MustCompile(`expected kind (!=|') ?'?Component'? for path '([^']+)'`)
	noKustomize  = regexp.MustCompile(`unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '([^']+)'`)
	severalFiles = regexp.MustCompile(`Found multiple kustomization files under: (\S+)`)
	recursed     = regexp.MustCompile(`recursed accumulation of path '([^']+)'`)
	wrapped      = regexp.MustCompile(`(?:accumulating resources|accumulating components|accumulateDirectory|recursed accumulation of path '[^']*'|accumulation err='[^']*'): `)
)

// failure explains an error from the generator or kustomize.
func failure(view *source.View, folder string, err error) *Failure {
	text := err.Error()
	var scratch scratchError
	if errors.As(err, &scratch) {
		text = relativize(text, scratch.scratch)
	}
	text = strings.TrimSpace(relativize(text, view.Root()))
	text = strings.TrimSuffix(text, " <nil>")
	result := &Failure{What: text}
	// Without a kustomization file, the Flux Kustomization's own spec is to blame.
	if file := KustomizationFile(view, folder); file != folder {
		result.File = file
	}
	// The innermost folder that kustomize was in: a base or a component, which others may build as well.
	if inner := recursed.FindAllStringSubmatch(text, -1); len(inner) > 0 {
		base := strings.TrimSuffix(inner[len(inner)-1][1], "/")
		if file := KustomizationFile(view, base); file != base {
			result.File = file
		}
	}
	switch {
	case errors.Is(err, errOffline) || strings.Contains(text, errOffline.Error()) ||
		strings.Contains(text, "executable file not found in $PATH"):
		result.Remote = true
		result.What = "needs a remote resource, and those are never fetched: " + text
	case match(manyAliases, text) != nil:
		found := match(manyAliases, text)
		result.File, result.What = found[1], found[2]+", which is not read; write them out, or use fewer"
	case match(malformed, text) != nil:
		found := match(malformed, text)
		result.NotYAML, result.What = true, "is not well-formed YAML: "+found[1]
		result.File = locate(view, found[2])
		result.Line = lineIn(found[1])
	case match(decodeFailed, text) != nil:
		found := match(decodeFailed, text)
		result.NotYAML, result.What = true, "is not a Kubernetes manifest: "+unwrap(found[2])
		result.File = found[1]
		result.Line = lineIn(found[2])
	case match(severalFiles, text) != nil:
		found := match(severalFiles, text)
		result.File, result.What = found[1], "has more than one kustomization file; kustomize accepts exactly one"
	case match(wrongKind, text) != nil:
		found := match(wrongKind, text)
		result.File = KustomizationFile(view, found[2])
		result.What = "is a Component but listed under resources; list it under components"
		if found[1] != "!=" {
			result.What = "is listed under components but is not of kind Component"
		}
	case match(noSuchFile, text) != nil:
		missing := match(noSuchFile, text)[1]
		result.File, result.Line = findReference(view, missing, result.File)
		result.What = "references " + missing + ", which is missing from the repository as Flux sees it"
	case match(noKustomize, text) != nil:
		missing := match(noKustomize, text)[1]
		result.File, result.Line = findReference(view, missing, result.File)
		result.What = "references the folder " + missing + ", which has no kustomization file"
	case match(duplicateID, text) != nil:
		result.What = "contains the same object twice: " + describeID(match(duplicateID, text)[1])
	case match(noTarget, text) != nil:
		result.Consequence = true
		result.What = "has a patch for " + describeID(match(noTarget, text)[1]) + ", which does not exist"
	case emptyFile.MatchString(text):
		result.Consequence = true
		result.What = "is empty; a kustomization file must list something"
	default:
		result.Consequence = true
		result.What = unwrap(text)
	}
	return result
}

var resourceID = regexp.MustCompile(`^(\w+)\.[^/]*/([^\s]+)\.([^.\s]+)$`)

// describeID formats a kustomize resource id like the rest of our messages.
func describeID(id string) string {
	found := resourceID.FindStringSubmatch(strings.TrimSpace(id))
	switch {
	case found == nil:
		return strings.TrimSpace(id)
	case found[3] == "[noNs]":
		return found[1] + " " + found[2] + " without a namespace"
	}
	return found[1] + " " + found[3] + "/" + found[2]
}

func match(expression *regexp.Regexp, text string) []string {
	return expression.FindStringSubmatch(text)
}

func lineIn(text string) int {
	found := lineNumber.FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	number := 0
	for _, digit := range found[1] {
		number = number*10 + int(digit-'0')
	}
	return number
}

// unwrap removes kustomize's wrapping messages, which only repeat the path to the failure.
func unwrap(text string) string {
	return wrapped.ReplaceAllString(text, "")
}

// locate resolves a file name that kustomize reports relative to an unknown folder to the malformed file itself.
func locate(view *source.View, name string) string {
	if view.Kind(name) == source.File {
		return name
	}
	for _, read := range view.Files() {
		if read != path.Clean(name) && !strings.HasSuffix(read, "/"+path.Clean(strings.TrimLeft(name, "./"))) {
			continue
		}
		content, err := view.Read(read)
		if err == nil && !isWellFormed(content) {
			return read
		}
	}
	return name
}

func isWellFormed(content []byte) bool {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	for {
		var document any
		if err := decoder.Decode(&document); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}
