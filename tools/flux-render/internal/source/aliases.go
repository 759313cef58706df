package source

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxValues is how many values a file may have once its aliases are expanded.
const maxValues = 100_000

// fewAliases can expand a file of ordinary size to less than maxValues, so it need not be parsed.
const fewAliases = 20

// tooManyAliases is returned instead of a file whose aliases expand to more than anyone can read: kustomize and the
// decoders expand them without a limit.
type tooManyAliases struct{ name string }

func (e tooManyAliases) Error() string {
	return fmt.Sprintf("%s has aliases that expand to more than %d values", e.name, maxValues)
}

// checkAliases returns an error if a YAML file expands to too many values.
func checkAliases(name string, content []byte) error {
	if extension := path.Ext(name); extension != ".yaml" && extension != ".yml" && extension != "" {
		return nil
	}
	if expandsTooFar(content) {
		return tooManyAliases{name}
	}
	return nil
}

// expandsTooFar also looks into texts, because a patch is YAML in a text.
func expandsTooFar(content []byte) bool {
	if bytes.Count(content, []byte("*")) < fewAliases || !bytes.Contains(content, []byte("&")) {
		return false
	}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	for {
		var document yaml.Node
		if decoder.Decode(&document) != nil {
			return false // whoever decodes it reports that better
		}
		if expandedSize(&document, map[*yaml.Node]int{}) > maxValues || hasTextThatExpands(&document) {
			return true
		}
	}
}

func hasTextThatExpands(node *yaml.Node) bool {
	if node.Kind == yaml.ScalarNode && strings.Contains(node.Value, "\n") {
		return expandsTooFar([]byte(node.Value))
	}
	return slices.ContainsFunc(node.Content, hasTextThatExpands)
}

// expandedSize counts the values of a node with its aliases expanded, up to a little more than maxValues.
func expandedSize(node *yaml.Node, known map[*yaml.Node]int) int {
	if size, ok := known[node]; ok {
		return size
	}
	known[node] = maxValues + 1 // while it is counted: a node that contains itself has no end
	size := 1
	if node.Alias != nil {
		size = expandedSize(node.Alias, known)
	}
	for _, child := range node.Content {
		if size += expandedSize(child, known); size > maxValues {
			size = maxValues + 1
			break
		}
	}
	known[node] = size
	return size
}
