{{- define "instance.full" -}}
{{- $app := .Values.nameOverride | default .Chart.Name -}}
{{- $name := contains $app .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $app) -}}
{{ .Values.fullnameOverride | default $name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "instance.labels" -}}
app.kubernetes.io/name: {{ .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* A map without its empty strings, which mean that a field is omitted. */ -}}
{{- define "instance.filled" -}}
{{- $kept := dict }}
{{- range $key, $value := . }}
{{- if not (and (kindIs "string" $value) (empty $value)) }}{{ $_ := set $kept $key $value }}{{ end }}
{{- end }}
{{- toYaml $kept }}
{{- end }}

{{- /* spec of the FluxInstance: values.instance without its empty optional fields. */ -}}
{{- define "instance.spec" -}}
{{- $i := .Values.instance }}
{{- $spec := dict "components" $i.components "kustomize" $i.kustomize }}
{{- $_ := set $spec "distribution" (include "instance.filled" $i.distribution | fromYaml) }}
{{- /* The one field that is always rendered: an empty text becomes null. */ -}}
{{- if not $i.distribution.artifact }}{{ $_ := set $spec.distribution "artifact" nil }}{{ end }}
{{- $_ := set $spec "cluster" (include "instance.filled" $i.cluster | fromYaml) }}
{{- $common := dict }}
{{- range $part := list "labels" "annotations" }}
{{- with index $i.commonMetadata $part }}{{ $_ := set $common $part . }}{{ end }}
{{- end }}
{{- with $common }}{{ $_ := set $spec "commonMetadata" . }}{{ end }}
{{- if $i.sync.url }}{{ $_ := set $spec "sync" (include "instance.filled" $i.sync | fromYaml) }}{{ end }}
{{- if $i.storage.size }}{{ $_ := set $spec "storage" $i.storage }}{{ end }}
{{- if $i.sharding.shards }}{{ $_ := set $spec "sharding" $i.sharding }}{{ end }}
{{- toYaml $spec }}
{{- end }}
