package render

import (
	"encoding/base64"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/kustomize/api/resource"

	"k8s-gitops/tools/flux-render/internal/variables"
)

// hideEncrypted replaces SOPS-encrypted values with placeholders and removes the sops field, like decryption would.
// decrypts is whether the Kustomization decrypts; if not, only Secrets are changed, because Flux rejects those.
func hideEncrypted(object *resource.Resource, decrypts bool) (encrypted bool, err error) {
	isSecret := object.GetKind() == "Secret" && object.GetApiVersion() == "v1"
	if !isSecret && object.Field("sops").IsNilOrEmpty() {
		return false, nil
	}
	content, err := object.Map()
	if err != nil {
		return false, err
	}
	if _, has := content["sops"]; has && (decrypts || isSecret) {
		encrypted = true
		delete(content, "sops")
		if data, found := content["data"]; found && isSecret {
			content["data"] = withoutCiphertext(data, encodedPlaceholder)
		}
		content = withoutCiphertext(content, variables.Encrypted).(map[string]any)
	}
	if isSecret {
		encrypted = hideGenerated(content) || encrypted
	}
	if !encrypted {
		return false, nil
	}
	changed, err := (&unstructured.Unstructured{Object: content}).MarshalJSON()
	if err != nil {
		return false, err
	}
	return true, object.UnmarshalJSON(changed)
}

const ciphertext = "ENC[AES256_GCM,"

// encodedPlaceholder stands in a Secret's data, which has to be base64.
var encodedPlaceholder = base64.StdEncoding.EncodeToString([]byte(variables.Encrypted))

func withoutCiphertext(value any, placeholder string) any {
	switch value := value.(type) {
	case string:
		if strings.HasPrefix(value, ciphertext) {
			return placeholder
		}
	case []any:
		for index := range value {
			value[index] = withoutCiphertext(value[index], placeholder)
		}
	case map[string]any:
		for key := range value {
			value[key] = withoutCiphertext(value[key], placeholder)
		}
	}
	return value
}

// hideGenerated handles Secrets that kustomize generated from encrypted files, which Flux decrypts before the build.
func hideGenerated(content map[string]any) bool {
	data, _, _ := unstructured.NestedMap(content, "data")
	encrypted := false
	for name, value := range data {
		text, _ := value.(string)
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err == nil && strings.Contains(string(decoded), ciphertext) {
			data[name] = encodedPlaceholder
			encrypted = true
		}
	}
	if !encrypted {
		return false
	}
	for name := range data {
		if strings.HasPrefix(name, "sops_") {
			delete(data, name)
		}
	}
	_ = unstructured.SetNestedMap(content, data, "data")
	return true
}
