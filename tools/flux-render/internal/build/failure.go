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

// Failure says in plain words why a folder does not build.
type Failure struct {
	// File from the root, where one is known, and the line from 1.
	File string
	Line int
	What string
	// NotYAML says that a file is not well-formed; Remote that something remote was asked for.
	NotYAML bool
	Remote  bool
	// Consequence says that it may come from something that was left out.
	Consequence bool
}

func (f *Failure) Error() string { return f.What }

var (
	malformed    = regexp.MustCompile(`(?s)MalformedYAMLError: (.*?) in File: (\S+)`)
	decodeFailed = regexp.MustCompile(`(?s)failed to decode Kubernetes YAML from (\S+): (.*)`)
	lineNumber   = regexp.MustCompile(`line (\d+)`)
	noSuchFile   = regexp.MustCompile(`open ([^\s:]+): file does not exist`)
	twoWithOneID = regexp.MustCompile(`may not add resource with an already registered id: ([^']+?)(?:'|$)`)
	noTarget     = regexp.MustCompile(`(?:no matches for Id|no resource matches strategic merge patch) ?"?([^"';]+)"?`)
	emptyFile    = regexp.MustCompile(`kustomization.yaml is empty`)
	wrongKind    = regexp.MustCompile(`expected kind (!=|') ?'?Component'? for path '([^']+)'`)
	noKustomize  = regexp.MustCompile(`unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '([^']+)'`)
	severalFiles = regexp.MustCompile(`Found multiple kustomization files under: (\S+)`)
	wrapped      = regexp.MustCompile(`(?:accumulating resources|accumulating components|accumulateDirectory|recursed accumulation of path '[^']*'|accumulation err='[^']*'): `)
)

// failure explains an error of the generator or of kustomize.
func failure(view *source.View, folder string, err error) *Failure {
	text := err.Error()
	var scratch scratchError
	if errors.As(err, &scratch) {
		text = relativize(text, scratch.scratch)
	}
	text = strings.TrimSpace(relativize(text, view.Root()))
	text = strings.TrimSuffix(text, " <nil>")
	result := &Failure{What: text}
	// Where a folder has no kustomization file, what Flux was told to do with it is at fault.
	if file := KustomizationFile(view, folder); file != folder {
		result.File = file
	}
	switch {
	case errors.Is(err, errOffline) || strings.Contains(text, errOffline.Error()) ||
		strings.Contains(text, "executable file not found in $PATH"):
		result.Remote = true
		result.What = "needs something from another place, which is never fetched: " + text
	case match(malformed, text) != nil:
		found := match(malformed, text)
		result.NotYAML, result.What = true, "is not well-formed YAML: "+found[1]
		result.File = locate(view, found[2])
		result.Line = lineIn(found[1])
	case match(decodeFailed, text) != nil:
		found := match(decodeFailed, text)
		result.NotYAML, result.What = true, "is no Kubernetes manifest: "+plain(found[2])
		result.File = found[1]
		result.Line = lineIn(found[2])
	case match(severalFiles, text) != nil:
		found := match(severalFiles, text)
		result.File, result.What = found[1], "has more than one kustomization file; kustomize takes exactly one"
	case match(wrongKind, text) != nil:
		found := match(wrongKind, text)
		result.File = KustomizationFile(view, found[2])
		result.What = "is a Component and named as a resource; name it under components"
		if found[1] != "!=" {
			result.What = "is named as a component but is not of kind Component"
		}
	case match(noSuchFile, text) != nil:
		missing := match(noSuchFile, text)[1]
		result.File, result.Line = whoNames(view, missing, result.File)
		result.What = "names " + missing + ", which is not in the repository as Flux sees it"
	case match(noKustomize, text) != nil:
		missing := match(noKustomize, text)[1]
		result.File, result.Line = whoNames(view, missing, result.File)
		result.What = "names the folder " + missing + ", which has no kustomization file"
	case match(twoWithOneID, text) != nil:
		result.What = "has the same object twice: " + inWords(match(twoWithOneID, text)[1])
	case match(noTarget, text) != nil:
		result.Consequence = true
		result.What = "has a patch for " + inWords(match(noTarget, text)[1]) + ", which is not there to be patched"
	case emptyFile.MatchString(text):
		result.Consequence = true
		result.What = "is empty; a kustomization file has to name something"
	default:
		result.Consequence = true
		result.What = plain(text)
	}
	return result
}

var resourceID = regexp.MustCompile(`^(\w+)\.[^/]*/([^\s]+)\.([^.\s]+)$`)

// inWords writes kustomize's way to name an object as ours.
func inWords(id string) string {
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

// plain takes kustomize's wrappings off: they repeat the way to the fault.
func plain(text string) string {
	return wrapped.ReplaceAllString(text, "")
}

// locate finds the file that kustomize calls by a name relative to some folder it was in: the one that is at fault.
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
