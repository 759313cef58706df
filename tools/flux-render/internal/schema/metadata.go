package schema

import (
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// validateMetadata validates names, namespaces, labels and annotations.
func validateMetadata(object map[string]any, found *kind, options Options) []violation {
	metadata, exists, unknown, err := objectmeta.GetObjectMetaWithOptions(object,
		objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil && found.BuiltIn {
		return nil // decoding the whole object reports it better
	}
	if err != nil {
		invalid := typeViolation(err)
		if invalid.path != "" {
			invalid.path = "metadata." + invalid.path
		} else {
			invalid.path = "metadata"
		}
		return []violation{invalid}
	}
	if !exists {
		return []violation{{id: "schema-invalid", path: "metadata", what: "is missing"}}
	}
	var violations []violation
	if !found.BuiltIn { // as above
		for _, name := range unknown {
			violations = append(violations, unknownField(name))
		}
	}
	switch {
	case !found.Namespaced:
		// The API server ignores the namespace of cluster-scoped objects, and kustomize adds one to every kind it does not know.
		metadata.Namespace = ""
	case metadata.Namespace == "" && options.NamespaceLater:
		metadata.Namespace = "default"
	}
	// Generated names are not in Git.
	metadata.GenerateName = ""
	for _, invalid := range validation.ValidateObjectMetaAccessor(metadata, found.Namespaced, nameRule(found), field.NewPath("metadata")) {
		violations = append(violations, toViolation("schema-invalid", invalid))
	}
	return violations
}

// nameRule returns the rule for names of a kind.
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
