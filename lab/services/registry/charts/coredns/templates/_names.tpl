{{- define "coredns.app" -}}{{ .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}{{- end }}

{{- define "coredns.full" -}}
{{- $app := include "coredns.app" . -}}
{{- $name := contains $app .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $app) -}}
{{ .Values.fullnameOverride | default $name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "coredns.account" -}}
{{ .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "coredns.full" .) "default") }}
{{- end }}

{{- /* Selector labels of the Service and the Deployment. */ -}}
{{- define "coredns.match" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/name: {{ include "coredns.app" . }}
{{- if .Values.isClusterService }}
k8s-app: {{ .Values.k8sAppLabelOverride | default .Chart.Name }}
{{- end }}
{{- end }}

{{- define "coredns.meta" -}}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "coredns.match" . | nindent 2 }}
  app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
  helm.sh/chart: "{{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}"
  {{- if .Values.isClusterService }}
  kubernetes.io/cluster-service: "true"
  kubernetes.io/name: CoreDNS
  {{- end }}
  {{- with .Values.customLabels }}{{ toYaml . | nindent 2 }}{{ end }}
{{- end }}

{{- /* The ports of the server blocks and of their prometheus plugins, as a YAML list of {port, service, tcp, udp}. */ -}}
{{- define "coredns.ports" -}}
{{- $ports := list }}
{{- range .Values.servers }}
{{- $tcp := false }}{{ $udp := false }}
{{- range .zones }}
{{- if has (.scheme | default "dns://") (list "dns://") }}{{ $udp = true }}{{ if .use_tcp }}{{ $tcp = true }}{{ end }}{{ else }}{{ $tcp = true }}{{ end }}
{{- end }}
{{- $ports = append $ports (dict "port" (int .port) "service" (int (.servicePort | default .port)) "tcp" $tcp "udp" (or $udp (not $tcp))) }}
{{- range .plugins }}
{{- if eq .name "prometheus" }}
{{- $ports = append $ports (dict "port" (int (last (splitList ":" (toString .parameters)))) "service" 0 "tcp" true "udp" false) }}
{{- end }}
{{- end }}
{{- end }}
{{- toYaml (uniq $ports) }}
{{- end }}
