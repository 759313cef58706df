{{- define "plugin-barman-cloud.full" -}}
{{ contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "plugin-barman-cloud.match" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "plugin-barman-cloud.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{ include "plugin-barman-cloud.match" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "plugin-barman-cloud.meta" -}}
name: {{ include "plugin-barman-cloud.full" . }}
namespace: {{ .Release.Namespace }}
labels: {{- include "plugin-barman-cloud.labels" . | nindent 2 }}
{{- end }}

{{- define "plugin-barman-cloud.hardened" -}}
allowPrivilegeEscalation: false
capabilities: {drop: [ALL]}
readOnlyRootFilesystem: true
runAsGroup: 10001
runAsUser: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}
