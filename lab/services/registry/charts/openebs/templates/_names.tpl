{{- define "openebs.full" -}}
{{ printf "%s-localpv-provisioner" .Release.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "openebs.account" -}}
{{- $account := (index .Values "localpv-provisioner").serviceAccount -}}
{{ $account.name | default ($account.create | ternary (include "openebs.full" .) "default") }}
{{- end }}

{{- define "openebs.match" -}}
app: localpv-provisioner
release: {{ .Release.Name }}
component: {{ (index .Values "localpv-provisioner").localpv.name | quote }}
{{- end }}

{{- define "openebs.labels" -}}
heritage: {{ .Release.Service }}
{{ include "openebs.match" . }}
openebs.io/component-name: openebs-{{ (index .Values "localpv-provisioner").localpv.name }}
{{- end }}
