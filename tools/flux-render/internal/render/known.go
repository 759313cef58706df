package render

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"k8s-gitops/tools/flux-render/internal/protocol"
	"k8s-gitops/tools/flux-render/internal/variables"
)

// known is what is known of a cluster's settings and sources: from the request, and from the objects rendered so far.
// The first to declare something is the one that counts.
type known struct {
	settings map[string]*variables.Settings
	sources  map[string]unstructured.Unstructured
	// given stands for all settings that are found nowhere else; nil when none were given.
	given *variables.Settings
	// artifacts are folders that an ArtifactGenerator copies: where its root lies in the repository.
	artifacts map[string]artifact
}

type artifact struct {
	from   sourceRef
	prefix string
	simple bool
}

type sourceRef struct{ kind, namespace, name string }

func (r sourceRef) key() string { return r.kind + "/" + r.namespace + "/" + r.name }

func newKnown(settings []protocol.Settings) *known {
	all := &known{
		settings:  map[string]*variables.Settings{},
		sources:   map[string]unstructured.Unstructured{},
		artifacts: map[string]artifact{},
	}
	for _, given := range settings {
		if given.Name == "" {
			all.given = &variables.Settings{Data: given.Data, Private: true}
			continue
		}
		all.addSettings(given.Kind, given.Namespace, given.Name,
			&variables.Settings{Data: given.Data, Private: given.Kind == "Secret"})
	}
	return all
}

func (k *known) addSettings(kind, namespace, name string, settings *variables.Settings) {
	key := kind + "/" + namespace + "/" + name
	if _, there := k.settings[key]; !there {
		k.settings[key] = settings
	}
}

// lookup is a variables.Lookup.
func (k *known) lookup(kind, namespace, name string) *variables.Settings {
	if settings := k.settings[kind+"/"+namespace+"/"+name]; settings != nil {
		return settings
	}
	return k.settings[kind+"/*/"+name]
}

// lookupOrGiven is a variables.Lookup that never lacks anything if the request brought settings without a name.
func (k *known) lookupOrGiven(kind, namespace, name string) *variables.Settings {
	if settings := k.lookup(kind, namespace, name); settings != nil {
		return settings
	}
	return k.given
}

// learn takes what an object says about settings and sources.
func (k *known) learn(content map[string]any) {
	object := unstructured.Unstructured{Object: content}
	group, _, _ := strings.Cut(object.GetAPIVersion(), "/")
	switch kind := object.GetKind(); {
	case object.GetAPIVersion() == "v1" && kind == "ConfigMap":
		data, _, _ := unstructured.NestedMap(content, "data")
		k.addSettings(kind, object.GetNamespace(), object.GetName(), &variables.Settings{Data: texts(data)})
	case object.GetAPIVersion() == "v1" && kind == "Secret":
		k.addSettings(kind, object.GetNamespace(), object.GetName(), &variables.Settings{Data: secretData(content)})
	case group == "external-secrets.io" && (kind == "ExternalSecret" || kind == "ClusterExternalSecret"):
		k.learnExternalSecret(object)
	case group == "bitnami.com" && kind == "SealedSecret":
		names, _, _ := unstructured.NestedMap(content, "spec", "encryptedData")
		k.addSettings("Secret", object.GetNamespace(), object.GetName(), &variables.Settings{Data: placeholders(names)})
	case group == "source.toolkit.fluxcd.io":
		ref := sourceRef{kind, object.GetNamespace(), object.GetName()}
		if _, there := k.sources[ref.key()]; !there {
			k.sources[ref.key()] = object
		}
	case group == "source.extensions.fluxcd.io" && kind == "ArtifactGenerator":
		k.learnArtifacts(object)
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

// texts are the values of a map as text. A number there is a mistake that its schema reports; who uses it need not.
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

// learnExternalSecret: the names of its keys are known where they are listed; its values never are.
func (k *known) learnExternalSecret(object unstructured.Unstructured) {
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
	settings.Open = len(from) > 0 && !hasTemplate || len(templates) > 0
	k.addSettings("Secret", namespace, name, settings)
}

// learnArtifacts follows an artifact that is a copy of one folder, or of several that keep their places.
func (k *known) learnArtifacts(object unstructured.Unstructured) {
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
		if _, there := k.artifacts[ref.key()]; !there {
			k.artifacts[ref.key()] = follow(copies, aliases)
		}
	}
}

// follow finds the folder of the repository that an artifact's root is, if there is exactly one.
func follow(copies []any, aliases map[string]sourceRef) artifact {
	var made artifact
	for index, entry := range copies {
		fields, _ := entry.(map[string]any)
		from, _, _ := unstructured.NestedString(fields, "from")
		to, _, _ := unstructured.NestedString(fields, "to")
		alias, from, _ := strings.Cut(strings.TrimPrefix(from, "@"), "/")
		ref, isKnown := aliases[alias]
		from, wholeFolder := strings.CutSuffix("/"+from, "/**")
		to = strings.TrimSuffix("/"+strings.TrimPrefix(strings.TrimPrefix(to, "@artifact"), "/"), "/")
		prefix, keeps := strings.CutSuffix(from, to)
		prefix = strings.TrimPrefix(prefix, "/")
		if !isKnown || !wholeFolder || !keeps || index > 0 && (prefix != made.prefix || ref != made.from) {
			return artifact{}
		}
		made = artifact{from: ref, prefix: prefix, simple: true}
	}
	return made
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

// origin says where a Kustomization's folder is.
type origin struct {
	// decided is false while a source or setting may still turn up.
	decided bool
	own     bool
	folder  string
	// ignore is spec.ignore of the source.
	ignore string
}

// originOf follows spec.sourceRef. With final set, a source that is declared nowhere was made by the bootstrap and is
// this repository.
func (k *known) originOf(flux *kustomization, names, addresses []string, final bool) origin {
	if _, found, _ := unstructured.NestedMap(flux.object.Object, "spec", "kubeConfig"); found {
		return origin{decided: true} // it goes to another cluster
	}
	fields, _, _ := unstructured.NestedMap(flux.object.Object, "spec", "sourceRef")
	ref := referenceIn(fields, flux.namespace())
	folder := folderOf(flux.object)
	if ref.kind == "ExternalArtifact" {
		made, there := k.artifacts[ref.key()]
		if !there || !made.simple {
			return origin{decided: there || final}
		}
		ref, folder = made.from, path.Join(made.prefix, folder)
	}
	declared, there := k.sources[ref.key()]
	answer := origin{decided: true, folder: folder}
	if there {
		answer.ignore, _, _ = unstructured.NestedString(declared.Object, "spec", "ignore")
	}
	switch {
	case slices.Contains(names, ref.name):
		answer.own = true
	case there:
		address, _, _ := unstructured.NestedString(declared.Object, "spec", "url")
		answer.own = slices.ContainsFunc(addresses, func(ours string) bool { return sameAddress(ours, address) })
	default:
		answer.decided, answer.own = final, true
	}
	return answer
}

// sameAddress compares Git addresses whatever the protocol.
func sameAddress(left, right string) bool {
	return left != "" && plainAddress(left) == plainAddress(right)
}

func plainAddress(address string) string {
	if parsed, err := url.Parse(address); err == nil && parsed.Host != "" {
		address = parsed.Hostname() + "/" + strings.TrimPrefix(parsed.Path, "/")
	} else if _, rest, found := strings.Cut(address, "@"); found {
		address = strings.Replace(rest, ":", "/", 1)
	}
	return strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(address, "/"), ".git"))
}
