// Command flux-render renders a repository like Flux does and validates objects against their schemas.
//
// It reads one JSON request from standard input and writes one JSON response to standard output; diagnostics go to
// standard error. It exits with 0 on success (problems in the repository are part of the response) and with 2
// otherwise. `flux-render substitute --values file.json` only performs Flux's variable substitution.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"k8s-gitops/tools/flux-render/internal/build"
	"k8s-gitops/tools/flux-render/internal/cache"
	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/render"
	"k8s-gitops/tools/flux-render/internal/schema"
	"k8s-gitops/tools/flux-render/internal/source"
)

// version changes whenever the output for the same repository changes.
const version = "2 (kustomize-controller v1.7.2, Kubernetes 1.34.1)"

func main() {
	build.GoOffline()
	go exitWithParent(os.Getppid())
	// The process exits before collecting most garbage would pay off.
	debug.SetGCPercent(400)
	run := func() error { return handle(os.Stdin, os.Stdout) }
	if len(os.Args) > 1 && os.Args[1] == "substitute" {
		run = func() error { return substitute(os.Args[2:], os.Stdin, os.Stdout) }
	}
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "flux-render: %v\n", err)
		os.Exit(2)
	}
}

// exitWithParent ends this process soon after the one that started it, even if that one was killed: no one reads the
// answer anymore.
func exitWithParent(parent int) {
	for range time.Tick(200 * time.Millisecond) {
		if os.Getppid() != parent {
			os.Exit(2)
		}
	}
}

func handle(input io.Reader, output io.Writer) error {
	text, err := io.ReadAll(input)
	if err != nil {
		return err
	}
	response, err := respond(text)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(output)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(response); err != nil {
		return err
	}
	return buffered.Flush()
}

func respond(text []byte) (any, error) {
	var mode protocol.Mode
	if err := json.Unmarshal(text, &mode); err != nil {
		return nil, fmt.Errorf("the request on standard input is not a JSON object: %w", err)
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
	return nil, fmt.Errorf("unknown mode %q", mode.Mode)
}

// decode rejects unknown fields: they are a mistake of the caller.
func decode(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("the request on standard input is not valid: %w", err)
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
	return protocol.Response{Version: version, Clusters: renderer.Clusters(request.Clusters)}, nil
}

// identity distinguishes builds of this program, so that no build reads another one's cache entries.
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
