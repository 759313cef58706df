package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const defaultFactory = "https://factory.talos.dev"

// factoryClient talks to a Talos image factory. It uses Go's default transport, so HTTPS_PROXY and SSL_CERT_FILE apply.
type factoryClient struct {
	base string
	http *http.Client
}

func newFactoryClient(base string) *factoryClient {
	if base == "" {
		base = defaultFactory
	}

	return &factoryClient{base: strings.TrimSuffix(base, "/"), http: http.DefaultClient}
}

// extension is a system extension offered by the factory.
type extension struct {
	Name        string `json:"name"`
	Ref         string `json:"ref"`
	Digest      string `json:"digest"`
	Author      string `json:"author"`
	Description string `json:"description"`
}

func (f *factoryClient) createSchematic(ctx context.Context, document []byte) (string, error) {
	var response struct {
		ID string `json:"id"`
	}

	err := f.do(ctx, http.MethodPost, "/schematics", document, &response)

	return response.ID, err
}

func (f *factoryClient) versions(ctx context.Context) ([]string, error) {
	var response []string

	err := f.do(ctx, http.MethodGet, "/versions", nil, &response)

	return response, err
}

func (f *factoryClient) extensions(ctx context.Context, talosVersion string) ([]extension, error) {
	var response []extension

	err := f.do(ctx, http.MethodGet, "/version/"+talosVersion+"/extensions/official", nil, &response)

	return response, err
}

func (f *factoryClient) do(ctx context.Context, method, path string, body []byte, response any) error {
	req, err := http.NewRequestWithContext(ctx, method, f.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}

	if body != nil {
		req.Header.Set("Content-Type", "application/yaml")
	}

	resp, err := f.http.Do(req)
	if err != nil {
		return err
	}

	defer resp.Body.Close() //nolint:errcheck // nothing to do about it

	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}

	if resp.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("HTTP %d: %s", resp.StatusCode, strings.TrimSpace(string(content)))
	}

	return json.Unmarshal(content, response)
}
