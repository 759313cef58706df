{{- define "harbor.match" -}}
release: {{ .root.Release.Name }}
app: harbor
{{- with .component }}
component: {{ . }}
{{- end }}
{{- end }}

{{- define "harbor.labels" -}}
heritage: {{ .root.Release.Service }}
chart: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/name: harbor
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: harbor
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{ include "harbor.match" . }}
{{- end }}

{{- define "harbor.container" -}}
imagePullPolicy: IfNotPresent
securityContext:
  privileged: false
  allowPrivilegeEscalation: false
  runAsNonRoot: true
  seccompProfile: {type: RuntimeDefault}
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "harbor.secretEnv" }}
- name: {{ index . 0 }}
  valueFrom: {secretKeyRef: {name: {{ index . 1 }}, key: {{ index . 2 }}}}
{{- end }}

