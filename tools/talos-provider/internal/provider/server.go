// Package provider serves the Pulumi provider protocol as a stand-in for the Talos provider 0.8.1.
//
// The official plugin wraps a Terraform provider: everything the engine sees results from that provider's plan and apply.
// plan.go reproduces the planning rules; each resource has its own file; invoke.go lists the invokes. Unpleasant behavior
// of the official plugin is kept on purpose, because a lab that is kinder than production proves nothing.
package provider

import (
	"context"
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

const (
	// Name is how the stand-in identifies itself in messages.
	Name = "stand-in for the Talos provider 0.8.1"
	// Version is the version of the official provider.
	Version = "0.8.1"
)

// Server implements the provider protocol. Use New.
type Server struct {
	pulumirpc.UnimplementedResourceProviderServer

	log      *engineLog
	factory  *factoryClient
	dial     dialer
	announce sync.Once
}

// New returns a provider that logs to the engine at the given address; an empty address disables logging.
func New(engine string) (*Server, error) {
	log, err := dialEngine(engine)
	if err != nil {
		return nil, err
	}

	return &Server{log: log, factory: newFactoryClient(""), dial: dialMachine}, nil
}

// GetPluginInfo returns the version of the official provider.
func (s *Server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: Version}, nil
}

// GetSchema returns an empty schema: the SDK in sdks/ is written by hand after the official one.
func (s *Server) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	schema := fmt.Sprintf(`{"name":"talos","version":%q,"description":%q}`, Version, "lab "+Name+", schema left out")

	return &pulumirpc.GetSchemaResponse{Schema: schema}, nil
}

// Cancel interrupts nothing, like the official plugin: a running retry continues until it times out or the process
// receives a signal.
func (s *Server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// CheckConfig accepts the provider's one setting, imageFactoryUrl.
func (s *Server) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: req.GetNews()}, nil
}

// DiffConfig never requests a replacement.
func (s *Server) DiffConfig(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, err := unmarshal(req.GetOlds())
	if err != nil {
		return nil, err
	}

	news, err := unmarshal(req.GetNews())
	if err != nil {
		return nil, err
	}

	return diffResponse(changedKeys(olds, news), nil), nil
}

// Configure applies the provider's settings.
func (s *Server) Configure(ctx context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	args, err := unmarshal(req.GetArgs())
	if err != nil {
		return nil, err
	}

	s.factory = newFactoryClient(stringOf(args, "imageFactoryUrl"))
	s.announce.Do(func() {
		s.log.write(ctx, pulumirpc.LogSeverity_INFO, "", "talos: "+Name+" (simulated provider of the lab)")
	})

	// AcceptSecrets is false in the official plugin: the engine sends plain values and marks an output as secret if the
	// input of the same name was. The provider marks outputs that are secret according to the schema.
	return &pulumirpc.ConfigureResponse{SupportsPreview: true, AcceptResources: true, AcceptSecrets: false}, nil
}

// Check validates inputs. Like the official plugin, it ignores names that are not in the schema.
func (s *Server) Check(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	kind, err := resourceKindOf(req.GetUrn())
	if err != nil {
		return nil, err
	}

	news, err := unmarshal(req.GetNews())
	if err != nil {
		return nil, err
	}

	failures := kind.checkRequired(news)
	if len(failures) == 0 && kind.validate != nil {
		if err := kind.validate(news); err != nil {
			return nil, err
		}
	}

	inputs, err := marshal(kind.markSecrets(news))
	if err != nil {
		return nil, err
	}

	return &pulumirpc.CheckResponse{Inputs: inputs, Failures: failures}, nil
}

// Diff plans and compares the plan with the state. It only dials the machine if planning does.
func (s *Server) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	op, err := s.operation(ctx, req.GetUrn(), req.GetOlds(), req.GetNews())
	if err != nil {
		return nil, err
	}

	op.ignore(req.GetIgnoreChanges())

	if err := op.makePlan(); err != nil {
		return nil, err
	}

	return diffResponse(changedKeys(op.prior, op.plan), op.replaceKeys), nil
}

// Create plans and, outside a preview, applies the plan.
func (s *Server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	op, err := s.operation(ctx, req.GetUrn(), nil, req.GetProperties())
	if err != nil {
		return nil, err
	}

	op.prior = nil

	id, properties, err := op.carryOut(req.GetPreview(), op.kind.create)

	return &pulumirpc.CreateResponse{Id: id, Properties: properties}, err
}

// carryOut plans and, outside a preview, applies the plan. It returns the resource's id (empty in a preview) and its
// properties for the engine.
func (op *operation) carryOut(
	preview bool, apply func(op *operation) (string, resource.PropertyMap, error),
) (string, *structpb.Struct, error) {
	if err := op.makePlan(); err != nil {
		return "", nil, err
	}

	if preview {
		properties, err := marshal(op.kind.markSecrets(op.plan))

		return "", properties, err
	}

	id, state, err := apply(op)
	if err != nil {
		return "", nil, err
	}

	properties, err := marshal(op.kind.markSecrets(withID(state, id)))

	return id, properties, err
}

// Update plans and, outside a preview, applies the plan. It cannot change the resource's id: a new id only appears in
// the outputs, where no program sees it.
func (s *Server) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	op, err := s.operation(ctx, req.GetUrn(), req.GetOlds(), req.GetNews())
	if err != nil {
		return nil, err
	}

	op.ignore(req.GetIgnoreChanges())

	_, properties, err := op.carryOut(req.GetPreview(), op.kind.update)

	return &pulumirpc.UpdateResponse{Properties: properties}, err
}

// Read returns the given state unchanged: the official provider reads nothing back. Without a state it imports.
func (s *Server) Read(_ context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	kind, err := resourceKindOf(req.GetUrn())
	if err != nil {
		return nil, err
	}

	state, err := unmarshal(req.GetProperties())
	if err != nil {
		return nil, err
	}

	inputs, err := unmarshal(req.GetInputs())
	if err != nil {
		return nil, err
	}

	id := req.GetId()

	switch {
	case len(state) == 0 && kind.importState == nil:
		return nil, fmt.Errorf("Resource Import Not Implemented: %s cannot be imported", kind.token)
	case len(state) == 0:
		if id, state, err = kind.importState(id); err != nil {
			return nil, err
		}

		inputs = kind.inputsOf(state)
	default:
		// The id in the outputs is newer if an update created a new id.
		if newer := stringOf(state, "id"); newer != "" {
			id = newer
		}
	}

	properties, err := marshal(kind.markSecrets(withID(state, id)))
	if err != nil {
		return nil, err
	}

	rpcInputs, err := marshal(kind.markSecrets(inputs))

	return &pulumirpc.ReadResponse{Id: id, Properties: properties, Inputs: rpcInputs}, err
}

// Delete does nothing except for a ConfigurationApply with onDestroy.reset.
func (s *Server) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	op, err := s.operation(ctx, req.GetUrn(), req.GetProperties(), nil)
	if err != nil {
		return nil, err
	}

	if op.kind.remove != nil {
		if err := op.kind.remove(op); err != nil {
			return nil, err
		}
	}

	return &emptypb.Empty{}, nil
}

// Invoke runs a function.
func (s *Server) Invoke(ctx context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	function, known := functions[req.GetTok()]
	if !known {
		return nil, unsupported(req.GetTok())
	}

	args, err := unmarshal(req.GetArgs())
	if err != nil {
		return nil, err
	}

	if failures := function.checkRequired(args); len(failures) > 0 {
		return &pulumirpc.InvokeResponse{Failures: failures}, nil
	}

	result, err := function.call(&call{ctx: ctx, server: s, args: args})
	if err != nil {
		return nil, err
	}

	// The official plugin removes the secret marks from a function's result. It is secret in the program only if an
	// argument was.
	rpcResult, err := marshal(result)

	return &pulumirpc.InvokeResponse{Return: rpcResult}, err
}
