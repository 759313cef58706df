{{- define "cloudnative-pg.full" -}}
{{ contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "cloudnative-pg.match" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "cloudnative-pg.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{ include "cloudnative-pg.match" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "cloudnative-pg.meta" -}}
name: {{ include "cloudnative-pg.full" . }}
namespace: {{ .Release.Namespace }}
labels: {{- include "cloudnative-pg.labels" . | nindent 2 }}
{{- end }}

{{- define "cloudnative-pg.hardened" -}}
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
readOnlyRootFilesystem: true
runAsGroup: 10001
runAsUser: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}
