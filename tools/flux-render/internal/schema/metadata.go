package schema

import (
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// judgeMetadata judges names, namespaces, labels and annotations.
func judgeMetadata(object map[string]any, found *kind, options Options) []fault {
	metadata, there, unknown, err := objectmeta.GetObjectMetaWithOptions(object,
		objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil && found.BuiltIn {
		return nil // the Go type of the whole says it, and better
	}
	if err != nil {
		made := typeFault(err)
		if made.path != "" {
			made.path = "metadata." + made.path
		} else {
			made.path = "metadata"
		}
		return []fault{made}
	}
	if !there {
		return []fault{{id: "schema-invalid", path: "metadata", what: "is missing"}}
	}
	var faults []fault
	if !found.BuiltIn { // as above
		for _, name := range unknown {
			faults = append(faults, unknownField(name))
		}
	}
	switch {
	case !found.Namespaced:
		// The API server drops the namespace of what has none, and kustomize gives one to all it does not know.
		metadata.Namespace = ""
	case metadata.Namespace == "" && options.NamespaceLater:
		metadata.Namespace = "default"
	}
	// Names that the API server makes are not in Git.
	metadata.GenerateName = ""
	for _, one := range validation.ValidateObjectMetaAccessor(metadata, found.Namespaced, nameRule(found), field.NewPath("metadata")) {
		faults = append(faults, toFault("schema-invalid", one))
	}
	return faults
}

// nameRule is how a kind may be called.
func nameRule(found *kind) validation.ValidateNameFunc {
	if found.BuiltIn {
		switch {
		case found.Group == "" && found.Kind == "Service":
			return validation.NameIsDNS1035Label
		case found.Group == "" && found.Kind == "Namespace":
			return validation.NameIsDNSLabel
		case found.Group == "rbac.authorization.k8s.io" || found.Group == "certificates.k8s.io":
			return func(name string, prefix bool) []string { return path.ValidatePathSegmentName(name, prefix) }
		}
	}
	return validation.NameIsDNSSubdomain
}
