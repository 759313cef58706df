{{- define "operator.app" -}}{{ .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}{{- end }}

{{- define "operator.full" -}}
{{- $app := include "operator.app" . -}}
{{- $name := contains $app .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $app) -}}
{{ .Values.fullnameOverride | default $name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "operator.account" -}}{{ .Values.serviceAccount.name | default (include "operator.full" .) }}{{- end }}

{{- define "operator.match" -}}
app.kubernetes.io/name: {{ include "operator.app" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Also set on the pods: as with the real chart, a new chart version restarts them. */ -}}
{{- define "operator.labels" -}}
{{ include "operator.match" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* Labels last, so that an object can add its own below. */ -}}
{{- define "operator.meta" -}}
{{- with .Values.commonAnnotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
labels: {{- include "operator.labels" . | nindent 2 }}
{{- end }}
