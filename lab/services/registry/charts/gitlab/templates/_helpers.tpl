{{- define "gitlab.match" -}}
app: {{ .app }}
release: {{ .root.Release.Name }}
{{- if eq .app "webservice" }}
gitlab.com/webservice-name: default
{{- else if eq .app "sidekiq" }}
queue-pod-name: all-in-1
{{- end }}
{{- end }}

{{- define "gitlab.labels" -}}
{{ include "gitlab.match" . }}
chart: {{ .app }}-{{ .root.Chart.Version }}
heritage: {{ .root.Release.Service }}
app.kubernetes.io/name: gitlab
app.kubernetes.io/version: {{ .root.Chart.AppVersion }}
{{- end }}

{{- define "gitlab.container" -}}
securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true, runAsUser: 1000, capabilities: {drop: [ALL]}}
env:
  - {name: TZ, value: UTC}
  {{- range $name, $value := .Values.global.extraEnv }}
  - {name: {{ $name }}, value: {{ $value | quote }}}
  {{- end }}
{{- end }}

{{- define "gitlab.certificates" -}}
- name: certificates
  image: registry.gitlab.com/gitlab-org/build/cng/certificates:{{ .root.Chart.AppVersion }}
  {{- include "gitlab.container" .root | nindent 2 }}
  volumeMounts:
    - {name: etc-ssl-certs, mountPath: /etc/ssl/certs}
    - {name: custom-ca-certificates, mountPath: /usr/local/share/ca-certificates, readOnly: true}
  resources: {{- toYaml (index .root.Values.gitlab .app "init" "resources") | nindent 4 }}
{{- end }}

{{- define "gitlab.volumes" -}}
{{- $g := .root.Values.global }}
- {name: etc-ssl-certs, emptyDir: {medium: Memory}}
- name: custom-ca-certificates
  projected:
    defaultMode: 288
    sources:
      {{- range $g.certificates.customCAs }}
      - secret: {name: {{ .secret }}}
      {{- end }}
- {name: config, configMap: {name: {{ .root.Release.Name }}-{{ .app }}}}
- name: secrets
  projected:
    defaultMode: 256
    sources:
      {{- range $secret, $keys := .secrets }}
      - secret:
          name: {{ $secret }}
          items:
            {{- range $keys }}
            - {key: {{ . }}, path: {{ $secret }}/{{ . }}}
            {{- end }}
      {{- end }}
{{- end }}
