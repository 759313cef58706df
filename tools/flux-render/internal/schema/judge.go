package schema

import (
	"context"
	"encoding/json"

	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"

	"k8s-gitops/tools/flux-render/internal/protocol"
)

// Verdict is what is said of one object.
type Verdict struct {
	// Checked says that there is a schema for it.
	Checked  bool               `json:"checked"`
	Problems []protocol.Problem `json:"problems,omitempty"`
}

// Options of a judgement.
type Options struct {
	// NamespaceLater says that whoever applies the object gives it a namespace, as Helm does.
	NamespaceLater bool
}

// Judge judges one object, as the API server would when it is created. It does not change the object.
func (j *Judge) Judge(object map[string]any, options Options) (Verdict, error) {
	id := idOf(object)
	found, err := j.find(id)
	if err != nil {
		return Verdict{}, err
	}
	verdict := Verdict{Checked: found != nil, Problems: j.lifecycle(id, found)}
	if found == nil {
		return verdict, nil
	}
	faults := judgeMetadata(object, found, options)
	if found.BuiltIn {
		faults = append(faults, judgeBuiltIn(object, found)...)
	} else {
		faults = append(faults, judgeCustom(object, found)...)
	}
	verdict.Problems = append(verdict.Problems, toProblems(object, faults)...)
	return verdict, nil
}

// fault is something wrong with one field.
type fault struct {
	id   string
	path string
	what string
}

// judgeCustom follows the API server's way with a custom resource: prune, coerce, default, validate, then rules.
func judgeCustom(original map[string]any, found *kind) []fault {
	if found.structural == nil {
		return nil
	}
	object := runtime.DeepCopyJSON(original)
	if found.HasStatus {
		delete(object, "status")
	}
	var faults []fault
	if !found.Loose {
		tracked := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
		for _, path := range pruning.PruneWithOptions(object, found.structural, true, tracked) {
			faults = append(faults, unknownField(path))
		}
		defaulting.PruneNonNullableNullsWithoutDefaults(object, found.structural)
	}
	invalid, unknown := objectmeta.CoerceWithOptions(nil, object, found.structural, false,
		objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	for _, path := range unknown {
		faults = append(faults, unknownField(path))
	}
	if invalid != nil {
		return append(faults, toFault("schema-invalid", invalid))
	}
	defaulting.Default(object, found.structural)
	errors := validation.ValidateCustomResource(nil, object, found.validator)
	errors = append(errors, objectmeta.Validate(nil, object, found.structural, false)...)
	errors = append(errors, listtype.ValidateListSetsAndMaps(nil, found.structural, object)...)
	for _, one := range errors {
		faults = append(faults, toFault("schema-invalid", one))
	}
	if found.rules == nil || blocks(errors) {
		return faults
	}
	broken, _ := found.rules.Validate(context.Background(), nil, found.structural, object, nil, celconfig.RuntimeCELCostBudget)
	for _, one := range broken {
		faults = append(faults, toFault("schema-rule", one))
	}
	return faults
}

// blocks says whether rules cannot be asked because what they read is not what they expect.
func blocks(errors field.ErrorList) bool {
	for _, one := range errors {
		switch one.Type {
		case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany,
			field.ErrorTypeTypeInvalid:
			return true
		}
	}
	return false
}

func unknownField(path string) fault {
	return fault{id: "schema-unknown-field", path: path, what: "is no field of this kind"}
}

// Check answers mode "check".
func Check(request protocol.CheckRequest) (protocol.CheckAnswer, error) {
	answer := protocol.CheckAnswer{Problems: []protocol.Problem{}}
	set, err := Open(request.Schemas)
	if err != nil {
		return answer, err
	}
	objects := make([]map[string]any, len(request.Objects))
	for index, raw := range request.Objects {
		// The API server's decoder tells integers from other numbers.
		object, err := decodeObject(raw)
		if err != nil {
			return answer, err
		}
		objects[index] = object
	}
	judge := set.With(objects)
	tally := NewTally()
	for index, object := range objects {
		verdict, err := judge.Judge(object, Options{NamespaceLater: true})
		if err != nil {
			return answer, err
		}
		tally.Add(object, verdict)
		for _, problem := range verdict.Problems {
			problem.Object = &index
			answer.Problems = append(answer.Problems, problem)
		}
	}
	answer.Coverage = tally.Coverage()
	return answer, nil
}

func decodeObject(raw json.RawMessage) (map[string]any, error) {
	var object map[string]any
	if err := unmarshal(raw, &object); err != nil {
		return nil, err
	}
	return object, nil
}
