package provider

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// attribute describes how a property of a resource is planned, in Terraform's terms.
type attribute struct {
	// required attributes must be set by the program.
	required bool
	// computed attributes may be set by the provider. Without an input they become unknown as soon as anything changes.
	computed bool
	// keepState marks computed attributes that keep their old value instead of becoming unknown.
	keepState bool
	// writeOnly inputs are never stored in the state.
	writeOnly bool
	// fallback is the default without an input; the zero value means none.
	fallback resource.PropertyValue
	// members are defaults for missing members of an object.
	members map[string]resource.PropertyValue
}

// resourceKind describes one resource of the provider.
type resourceKind struct {
	token      string
	attributes map[string]attribute
	// secrets are the dotted paths that the schema marks as secret.
	secrets []string
	// validate checks the inputs, which may contain unknown values.
	validate func(config resource.PropertyMap) error
	// modifyPlan may change op.plan and op.replaceKeys.
	modifyPlan func(op *operation) error
	create     func(op *operation) (id string, state resource.PropertyMap, err error)
	update     func(op *operation) (id string, state resource.PropertyMap, err error)
	// remove is nil if deleting does nothing.
	remove func(op *operation) error
	// importState is nil if the resource cannot be imported.
	importState func(id string) (newID string, state resource.PropertyMap, err error)
}

// resourceKinds maps tokens to resources.
var resourceKinds = map[string]*resourceKind{}

func init() {
	for _, kind := range []*resourceKind{
		secretsKind(), configurationApplyKind(), bootstrapKind(), kubeconfigKind(), schematicKind(),
	} {
		resourceKinds[kind.token] = kind
	}
}

// operation is one call of the engine for a resource.
type operation struct {
	ctx    context.Context
	server *Server
	urn    string
	kind   *resourceKind
	// prior is the old state, nil if the resource is being created.
	prior resource.PropertyMap
	// config are the inputs.
	config resource.PropertyMap
	// plan is the planned state; values known only after apply are unknown.
	plan resource.PropertyMap
	// replaceKeys are properties whose change requires a replacement.
	replaceKeys []string
}

// makePlan fills op.plan with inputs, defaults and, for computed attributes, old values. If that changes anything, every
// computed attribute without an input becomes unknown unless it keeps its state. The resource's own rules come last.
func (op *operation) makePlan() error {
	op.plan = resource.PropertyMap{}

	for name, attr := range op.kind.attributes {
		if value := op.proposed(name, attr); isSet(value) {
			op.plan[resource.PropertyKey(name)] = value
		}
	}

	if op.prior == nil || len(changedKeys(op.prior, op.plan)) > 0 {
		for name, attr := range op.kind.attributes {
			key := resource.PropertyKey(name)
			if !attr.computed || isSet(op.config[key]) || isSet(attr.fallback) {
				continue
			}

			if attr.keepState && isSet(op.prior[key]) {
				continue
			}

			op.plan[key] = unknown()
		}
	}

	if op.kind.modifyPlan == nil {
		return nil
	}

	return op.kind.modifyPlan(op)
}

func (op *operation) proposed(name string, attr attribute) resource.PropertyValue {
	key := resource.PropertyKey(name)
	value := op.config[key]

	switch {
	case attr.writeOnly:
		return resource.PropertyValue{}
	case value.IsObject() && attr.members != nil:
		full := copyOf(value.ObjectValue())
		for member, fallback := range attr.members {
			if !isSet(full[resource.PropertyKey(member)]) {
				full[resource.PropertyKey(member)] = fallback
			}
		}

		return resource.NewProperty(full)
	case isSet(value):
		return value
	case isSet(attr.fallback):
		return attr.fallback
	case attr.computed:
		return op.prior[key]
	default:
		return resource.PropertyValue{}
	}
}

// ignore replaces inputs listed in ignoreChanges with the state's values. It supports only whole properties and "*".
func (op *operation) ignore(paths []string) {
	for _, path := range paths {
		for name := range op.kind.attributes {
			key := resource.PropertyKey(name)
			if path != "*" && path != name {
				continue
			}

			delete(op.config, key)

			if isSet(op.prior[key]) {
				op.config[key] = op.prior[key]
			}
		}
	}
}

func (op *operation) warn(summary, detail string) {
	op.server.log.write(op.ctx, pulumirpc.LogSeverity_WARNING, op.urn, summary+": "+detail)
}

func (kind *resourceKind) markSecrets(props resource.PropertyMap) resource.PropertyMap {
	marked := copyOf(props)
	for _, path := range kind.secrets {
		markSecret(marked, strings.Split(path, "."))
	}

	return marked
}

func (kind *resourceKind) inputsOf(state resource.PropertyMap) resource.PropertyMap {
	inputs := resource.PropertyMap{}

	for name, attr := range kind.attributes {
		key := resource.PropertyKey(name)
		if value := state[key]; attr.required && isSet(value) {
			inputs[key] = value
		}
	}

	return inputs
}

func (kind *resourceKind) checkRequired(inputs resource.PropertyMap) []*pulumirpc.CheckFailure {
	var names []string

	for name, attr := range kind.attributes {
		if attr.required {
			names = append(names, name)
		}
	}

	return missing(names, inputs)
}

func missing(names []string, inputs resource.PropertyMap) []*pulumirpc.CheckFailure {
	var failures []*pulumirpc.CheckFailure

	sort.Strings(names)

	for _, name := range names {
		if !isSet(inputs[resource.PropertyKey(name)]) {
			failures = append(failures, &pulumirpc.CheckFailure{
				Property: name,
				Reason:   fmt.Sprintf("Missing required property '%s'", name),
			})
		}
	}

	return failures
}
