{{- define "snapshot-controller.app" -}}{{ .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}{{- end }}

{{- define "snapshot-controller.full" -}}
{{- $app := include "snapshot-controller.app" . -}}
{{- $name := contains $app .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $app) -}}
{{ .Values.fullnameOverride | default $name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "snapshot-controller.account" -}}
{{- $account := .Values.controller.serviceAccount -}}
{{ $account.name | default ($account.create | ternary (include "snapshot-controller.full" .) "default") }}
{{- end }}

{{- define "snapshot-controller.match" -}}
app.kubernetes.io/name: {{ include "snapshot-controller.app" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "snapshot-controller.meta" -}}
name: {{ include "snapshot-controller.full" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "snapshot-controller.match" . | nindent 2 }}
  helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
  app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
  app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
