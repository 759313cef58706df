package provider

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

func newServer(t *testing.T) *Server {
	t.Helper()

	s, err := New("")
	must(t, err)

	return s
}

func urnOf(token string) string {
	return "urn:pulumi:test::k8s-gitops::" + token + "::x"
}

// wire encodes properties like the engine.
func wire(t *testing.T, props resource.PropertyMap) *structpb.Struct {
	t.Helper()

	out, err := marshal(props)
	must(t, err)

	return out
}

// raw decodes a response and keeps its secret marks.
func raw(t *testing.T, props *structpb.Struct) resource.PropertyMap {
	t.Helper()

	out, err := plugin.UnmarshalProperties(props, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
	must(t, err)

	return out
}

func plain(t *testing.T, props *structpb.Struct) resource.PropertyMap {
	t.Helper()

	out, err := unmarshal(props)
	must(t, err)

	return out
}

func tryCreate(t *testing.T, s *Server, token string, inputs resource.PropertyMap, preview bool) (*pulumirpc.CreateResponse, error) {
	t.Helper()

	return s.Create(context.Background(), &pulumirpc.CreateRequest{
		Urn: urnOf(token), Properties: wire(t, inputs), Preview: preview,
	})
}

func create(t *testing.T, s *Server, token string, inputs resource.PropertyMap) (string, resource.PropertyMap) {
	t.Helper()

	resp, err := tryCreate(t, s, token, inputs, false)
	must(t, err)

	return resp.GetId(), plain(t, resp.GetProperties())
}

func update(
	t *testing.T, s *Server, token string, state, inputs resource.PropertyMap, preview bool,
) resource.PropertyMap {
	t.Helper()

	resp, err := s.Update(context.Background(), &pulumirpc.UpdateRequest{
		Id: stringOf(state, "id"), Urn: urnOf(token), Olds: wire(t, state), News: wire(t, inputs), Preview: preview,
	})
	must(t, err)

	return plain(t, resp.GetProperties())
}

func diff(t *testing.T, s *Server, token string, state, inputs resource.PropertyMap) *pulumirpc.DiffResponse {
	t.Helper()

	resp, err := s.Diff(context.Background(), &pulumirpc.DiffRequest{
		Id: stringOf(state, "id"), Urn: urnOf(token), Olds: wire(t, state), News: wire(t, inputs),
	})
	must(t, err)

	return resp
}

func invoke(t *testing.T, s *Server, token string, args resource.PropertyMap) (*pulumirpc.InvokeResponse, error) {
	t.Helper()

	return s.Invoke(context.Background(), &pulumirpc.InvokeRequest{Tok: token, Args: wire(t, args)})
}

func props(values map[string]any) resource.PropertyMap {
	return resource.NewPropertyMapFromMap(values)
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()

	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// with returns a copy with some values changed; a nil value deletes the key.
func with(base resource.PropertyMap, changes map[string]any) resource.PropertyMap {
	out := base.Copy()

	for key, value := range changes {
		switch v := value.(type) {
		case nil:
			delete(out, resource.PropertyKey(key))
		case resource.PropertyValue:
			out[resource.PropertyKey(key)] = v
		default:
			out[resource.PropertyKey(key)] = resource.NewPropertyValue(v)
		}
	}

	return out
}
