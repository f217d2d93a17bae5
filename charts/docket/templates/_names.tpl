{{/* Names and labels. */}}

{{- define "docket.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}{{ printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}{{- end -}}
{{- end -}}
{{- end -}}

{{/* What selects the pods of a role: never changes, for selectors are immutable. Takes {root, role}. */}}
{{- define "docket.selector" -}}
app.kubernetes.io/name: {{ default .root.Chart.Name .root.Values.nameOverride }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .role }}
{{- end -}}

{{/* Labels of an object. Takes {root, role}. */}}
{{- define "docket.labels" -}}
{{- $own := fromYaml (include "docket.selector" .) -}}
{{- $_ := set $own "app.kubernetes.io/part-of" "docket" -}}
{{- $_ := set $own "app.kubernetes.io/version" .root.Chart.AppVersion -}}
{{- $_ := set $own "app.kubernetes.io/managed-by" .root.Release.Service -}}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_") -}}
{{- toYaml (merge $own .root.Values.commonLabels) -}}
{{- end -}}

{{- define "docket.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}{{ default (include "docket.fullname" .) .Values.serviceAccount.name }}
{{- else -}}{{ default "default" .Values.serviceAccount.name }}{{- end -}}
{{- end -}}

{{- define "docket.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ default $.Chart.AppVersion .tag }}{{- end -}}
{{- end -}}
{{- end -}}

{{/* "true" when Kafka carries the events. */}}
{{- define "docket.hasKafka" -}}{{- if .Values.config.KAFKA_BROKERS -}}true{{- end -}}{{- end -}}

{{/* "true" when Discord sends interactions by HTTP. */}}
{{- define "docket.hasInteractions" -}}{{- if eq (default "gateway" .Values.config.INTERACTIONS) "http" -}}true{{- end -}}{{- end -}}

{{/* The roles of this release that serve for ever, as a YAML list. */}}
{{- define "docket.roles" -}}
- cluster
- worker
- drain
- api
{{- if include "docket.hasKafka" . }}
- ingest
{{- end }}
{{- if include "docket.hasInteractions" . }}
- interactions
{{- end }}
{{- end -}}
