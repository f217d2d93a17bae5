{{/* What runs once per release. */}}

{{/* The Jobs of this release and what each runs, as YAML. */}}
{{- define "docket.jobs" -}}
{{- $jobs := dict -}}
{{- if .Values.migrate.enabled }}{{- $_ := set $jobs "migrate" (list "migrate") -}}{{- end -}}
{{- if .Values.register.enabled }}{{- $_ := set $jobs "register" (list "register") -}}{{- end -}}
{{- toYaml $jobs -}}
{{- end -}}

{{/*
Named by the revision, for a Job cannot be changed and the one before goes with its revision; and by what it is, for tools that render
the chart themselves know revision 1 alone. Takes {root, role, args}.
*/}}
{{- define "docket.jobName" -}}
{{ include "docket.fullname" .root }}-{{ .role }}-{{ .root.Release.Revision }}-{{ include "docket.jobSpec" . | sha256sum | trunc 8 }}
{{- end -}}

{{- define "docket.jobSpec" -}}
{{- $values := .root.Values.migrate -}}
backoffLimit: {{ $values.backoffLimit }}
activeDeadlineSeconds: {{ $values.activeDeadlineSeconds }}
ttlSecondsAfterFinished: {{ $values.keepSeconds }}
template:
  metadata:
    labels:
      {{- include "docket.selector" . | nindent 6 }}
      {{- with $values.podLabels }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
    annotations:
      checksum/config: {{ include "docket.config" . | sha256sum }}
      {{- with $values.podAnnotations }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
  spec:
    {{- include "docket.podPlace" (dict "root" .root "values" $values) | nindent 4 }}
    restartPolicy: Never # each try keeps its own log
    containers:
      - name: {{ .role }}
        image: {{ include "docket.image" .root }}
        imagePullPolicy: {{ .root.Values.image.pullPolicy }}
        args: {{ toJson .args }}
        {{- include "docket.env" (dict "root" .root "role" .role "extra" $values.extraEnv) | nindent 8 }}
        securityContext:
          {{- include "docket.containerSecurity" . | nindent 10 }}
        resources:
          {{- toYaml $values.resources | nindent 10 }}
        volumeMounts:
          - name: tmp
            mountPath: /tmp
    {{- include "docket.scratch" . | nindent 4 }}
{{- end -}}
