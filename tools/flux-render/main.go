// Command flux-render renders a repository as Flux does, and judges objects by their schemas.
//
// It reads one request as JSON from standard input and writes one answer as JSON to standard output; what it has to say
// besides goes to standard error. It ends with 0 when it could answer (what is wrong in the repository is part of the
// answer) and with 2 when it could not. `flux-render substitute --values file.json` is Flux's substitution alone.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"k8s-gitops/tools/flux-render/internal/build"
	"k8s-gitops/tools/flux-render/internal/cache"
	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/render"
	"k8s-gitops/tools/flux-render/internal/schema"
	"k8s-gitops/tools/flux-render/internal/source"
)

// version changes with what is answered for the same repository.
const version = "1 (kustomize-controller v1.7.2, Kubernetes 1.34.1)"

func main() {
	build.GoOffline()
	// The process ends before most garbage would be worth collecting.
	debug.SetGCPercent(400)
	run := func() error { return answer(os.Stdin, os.Stdout) }
	if len(os.Args) > 1 && os.Args[1] == "substitute" {
		run = func() error { return substitute(os.Args[2:], os.Stdin, os.Stdout) }
	}
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "flux-render: %v\n", err)
		os.Exit(2)
	}
}

func answer(input io.Reader, output io.Writer) error {
	text, err := io.ReadAll(input)
	if err != nil {
		return err
	}
	made, err := respond(text)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(output)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(made); err != nil {
		return err
	}
	return buffered.Flush()
}

func respond(text []byte) (any, error) {
	var mode protocol.Mode
	if err := json.Unmarshal(text, &mode); err != nil {
		return nil, fmt.Errorf("the request on standard input is no JSON object: %w", err)
	}
	switch mode.Mode {
	case "", "render":
		var request protocol.Request
		if err := decode(text, &request); err != nil {
			return nil, err
		}
		return renderClusters(request)
	case "check":
		var request protocol.CheckRequest
		if err := decode(text, &request); err != nil {
			return nil, err
		}
		return schema.Check(request)
	case "schemas":
		var request protocol.SchemasRequest
		if err := decode(text, &request); err != nil {
			return nil, err
		}
		return schema.Write(request)
	}
	return nil, fmt.Errorf("mode %q is not known", mode.Mode)
}

// decode refuses fields that nobody reads: they are a mistake of the asker.
func decode(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("the request on standard input is not what is expected: %w", err)
	}
	return nil
}

func renderClusters(request protocol.Request) (any, error) {
	repository, err := source.Open(request.Root, request.Hidden)
	if err != nil {
		return nil, fmt.Errorf("root: %w", err)
	}
	renderer, err := render.New(repository, cache.Open(request.Cache, version+identity()), request)
	if err != nil {
		return nil, err
	}
	return protocol.Answer{Version: version, Clusters: renderer.Clusters(request.Clusters)}, nil
}

// identity tells builds of this program apart, so that none reads what another kept.
func identity() string {
	file, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(file)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" %s %d %d", file, info.Size(), info.ModTime().UnixNano())
}
