package render

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/source"
	"k8s-gitops/tools/flux-render/internal/variables"
)

// registry collects a cluster's settings and sources: those of the request, and those of the objects rendered so far.
// The first declaration takes precedence.
type registry struct {
	settings map[string]*variables.Settings
	sources  map[string]unstructured.Unstructured
	// fallback stands for all settings that are found nowhere else; nil if the request has none.
	fallback *variables.Settings
	// artifacts are those of ArtifactGenerators.
	artifacts map[string]artifact
}

// artifact is copied from one source; unknown is set if it is more than that.
type artifact struct {
	from    sourceRef
	copies  []source.Copy
	unknown bool
}

type sourceRef struct{ kind, namespace, name string }

func (r sourceRef) key() string { return r.kind + "/" + r.namespace + "/" + r.name }

func newRegistry(settings []protocol.Settings) *registry {
	all := &registry{
		settings:  map[string]*variables.Settings{},
		sources:   map[string]unstructured.Unstructured{},
		artifacts: map[string]artifact{},
	}
	for _, entry := range settings {
		if entry.Name == "" {
			all.fallback = &variables.Settings{Data: entry.Data, Sensitive: true}
			continue
		}
		all.addSettings(entry.Kind, entry.Namespace, entry.Name,
			&variables.Settings{Data: entry.Data, Sensitive: entry.Kind == "Secret"})
	}
	return all
}

func (r *registry) addSettings(kind, namespace, name string, settings *variables.Settings) {
	key := kind + "/" + namespace + "/" + name
	if _, ok := r.settings[key]; !ok {
		r.settings[key] = settings
	}
}

// lookup implements variables.Lookup.
func (r *registry) lookup(kind, namespace, name string) *variables.Settings {
	if settings := r.settings[kind+"/"+namespace+"/"+name]; settings != nil {
		return settings
	}
	return r.settings[kind+"/*/"+name]
}

// lookupOrFallback implements variables.Lookup and falls back to the settings that the request gives without a name.
func (r *registry) lookupOrFallback(kind, namespace, name string) *variables.Settings {
	if settings := r.lookup(kind, namespace, name); settings != nil {
		return settings
	}
	return r.fallback
}

// register records the settings and sources that an object declares.
func (r *registry) register(content map[string]any) {
	object := unstructured.Unstructured{Object: content}
	group, _, _ := strings.Cut(object.GetAPIVersion(), "/")
	switch kind := object.GetKind(); {
	case object.GetAPIVersion() == "v1" && kind == "ConfigMap":
		data, _, _ := unstructured.NestedMap(content, "data")
		r.addSettings(kind, object.GetNamespace(), object.GetName(), &variables.Settings{Data: texts(data)})
	case object.GetAPIVersion() == "v1" && kind == "Secret":
		r.addSettings(kind, object.GetNamespace(), object.GetName(), &variables.Settings{Data: secretData(content)})
	case group == "external-secrets.io" && (kind == "ExternalSecret" || kind == "ClusterExternalSecret"):
		r.registerExternalSecret(object)
	case group == "bitnami.com" && kind == "SealedSecret":
		names, _, _ := unstructured.NestedMap(content, "spec", "encryptedData")
		r.addSettings("Secret", object.GetNamespace(), object.GetName(), &variables.Settings{Data: placeholders(names)})
	case group == "source.toolkit.fluxcd.io":
		ref := sourceRef{kind, object.GetNamespace(), object.GetName()}
		if _, ok := r.sources[ref.key()]; !ok {
			r.sources[ref.key()] = object
		}
	case group == "source.extensions.fluxcd.io" && kind == "ArtifactGenerator":
		r.registerArtifacts(object)
	}
}

func secretData(content map[string]any) map[string]string {
	values := map[string]string{}
	data, _, _ := unstructured.NestedMap(content, "data")
	for name, value := range data {
		text, _ := value.(string)
		if decoded, err := base64.StdEncoding.DecodeString(text); err == nil && !variables.HasPlaceholder(text) {
			text = string(decoded)
		}
		values[name] = text
	}
	plain, _, _ := unstructured.NestedMap(content, "stringData")
	maps.Copy(values, texts(plain))
	return values
}

// texts converts the values of a map to strings. A number is a mistake that its schema reports, so it is accepted here.
func texts(values map[string]any) map[string]string {
	all := map[string]string{}
	for name, value := range values {
		if value != nil {
			all[name] = fmt.Sprint(value)
		}
	}
	return all
}

func placeholders(names map[string]any) map[string]string {
	values := map[string]string{}
	for name := range names {
		values[name] = variables.External
	}
	return values
}

// registerExternalSecret records the Secret of an ExternalSecret. Its keys are known if they are listed; its values never
// are.
func (r *registry) registerExternalSecret(object unstructured.Unstructured) {
	spec, _, _ := unstructured.NestedMap(object.Object, "spec")
	namespace, fallback := object.GetNamespace(), object.GetName()
	if object.GetKind() == "ClusterExternalSecret" {
		if name, found, _ := unstructured.NestedString(spec, "externalSecretName"); found && name != "" {
			fallback = name
		}
		spec, _, _ = unstructured.NestedMap(spec, "externalSecretSpec")
		namespace = "*"
	}
	name, _, _ := unstructured.NestedString(spec, "target", "name")
	if name == "" {
		name = fallback
	}
	settings := &variables.Settings{Data: map[string]string{}}
	templated, hasTemplate, _ := unstructured.NestedMap(spec, "target", "template", "data")
	if hasTemplate {
		settings.Data = placeholders(templated)
	} else {
		entries, _, _ := unstructured.NestedSlice(spec, "data")
		for _, entry := range entries {
			if fields, isMap := entry.(map[string]any); isMap {
				if key, isText := fields["secretKey"].(string); isText {
					settings.Data[key] = variables.External
				}
			}
		}
	}
	from, _, _ := unstructured.NestedSlice(spec, "dataFrom")
	templates, _, _ := unstructured.NestedSlice(spec, "target", "template", "templateFrom")
	settings.Incomplete = len(from) > 0 && !hasTemplate || len(templates) > 0
	r.addSettings("Secret", namespace, name, settings)
}

// registerArtifacts records the artifacts that an ArtifactGenerator builds from one source.
func (r *registry) registerArtifacts(object unstructured.Unstructured) {
	if _, templated, _ := unstructured.NestedString(object.Object, "spec", "pathPattern"); templated {
		return
	}
	aliases := map[string]sourceRef{}
	sources, _, _ := unstructured.NestedSlice(object.Object, "spec", "sources")
	for _, entry := range sources {
		fields, _ := entry.(map[string]any)
		alias, _, _ := unstructured.NestedString(fields, "alias")
		aliases[alias] = referenceIn(fields, object.GetNamespace())
	}
	artifacts, _, _ := unstructured.NestedSlice(object.Object, "spec", "artifacts")
	for _, entry := range artifacts {
		fields, _ := entry.(map[string]any)
		name, _, _ := unstructured.NestedString(fields, "name")
		copies, _, _ := unstructured.NestedSlice(fields, "copy")
		ref := sourceRef{"ExternalArtifact", object.GetNamespace(), name}
		if _, ok := r.artifacts[ref.key()]; !ok {
			r.artifacts[ref.key()] = resolveCopies(copies, aliases)
		}
	}
}

// resolveCopies reads the copy operations of an artifact. Merged files and unpacked archives are not supported.
func resolveCopies(copies []any, aliases map[string]sourceRef) artifact {
	var result artifact
	for index, entry := range copies {
		fields, _ := entry.(map[string]any)
		from, _, _ := unstructured.NestedString(fields, "from")
		to, _, _ := unstructured.NestedString(fields, "to")
		strategy, _, _ := unstructured.NestedString(fields, "strategy")
		exclude, _, _ := unstructured.NestedStringSlice(fields, "exclude")
		alias, from, _ := strings.Cut(strings.TrimPrefix(from, "@"), "/")
		ref, isKnown := aliases[alias]
		if !isKnown || strategy != "" && strategy != "Overwrite" || index > 0 && ref != result.from {
			return artifact{unknown: true}
		}
		result.from = ref
		result.copies = append(result.copies, source.Copy{From: from, To: strings.TrimPrefix(to, "@artifact/"), Exclude: exclude})
	}
	return result
}

func referenceIn(fields map[string]any, namespace string) sourceRef {
	ref := sourceRef{namespace: namespace}
	ref.kind, _, _ = unstructured.NestedString(fields, "kind")
	ref.name, _, _ = unstructured.NestedString(fields, "name")
	if written, _, _ := unstructured.NestedString(fields, "namespace"); written != "" {
		ref.namespace = written
	}
	return ref
}

// origin is the location of a Kustomization's folder.
type origin struct {
	// decided is false while a source or setting may still be found.
	decided bool
	// own is whether the folder is in this repository.
	own      bool
	folder   string
	artifact source.Artifact
}

// originOf resolves spec.sourceRef. If final is set, a source that is declared nowhere was created by the bootstrap and
// is this repository.
func (r *registry) originOf(flux *kustomization, names, urls []string, final bool) origin {
	if _, found, _ := unstructured.NestedMap(flux.object.Object, "spec", "kubeConfig"); found {
		return origin{decided: true} // it applies to another cluster
	}
	fields, _, _ := unstructured.NestedMap(flux.object.Object, "spec", "sourceRef")
	ref := referenceIn(fields, flux.namespace())
	result := origin{decided: true, folder: folderOf(flux.object)}
	if ref.kind == "ExternalArtifact" {
		copied, ok := r.artifacts[ref.key()]
		if !ok || copied.unknown {
			return origin{decided: ok || final}
		}
		ref, result.artifact.Copies = copied.from, copied.copies
	}
	declared, ok := r.sources[ref.key()]
	if ok {
		result.artifact.Ignore, _, _ = unstructured.NestedString(declared.Object, "spec", "ignore")
	}
	switch {
	case slices.Contains(names, ref.name):
		result.own = true
	case ok:
		url, _, _ := unstructured.NestedString(declared.Object, "spec", "url")
		result.own = slices.ContainsFunc(urls, func(ours string) bool { return sameRepository(ours, url) })
	default:
		result.decided, result.own = final, true
	}
	return result
}

// sameRepository compares Git URLs regardless of protocol.
func sameRepository(left, right string) bool {
	return left != "" && normalizeURL(left) == normalizeURL(right)
}

func normalizeURL(address string) string {
	if parsed, err := url.Parse(address); err == nil && parsed.Host != "" {
		address = parsed.Hostname() + "/" + strings.TrimPrefix(parsed.Path, "/")
	} else if _, rest, found := strings.Cut(address, "@"); found {
		address = strings.Replace(rest, ":", "/", 1)
	}
	return strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(address, "/"), ".git"))
}
