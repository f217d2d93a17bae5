{{/* Where secret variables come from. */}}

{{/* The Secret that holds what `from` does not name. */}}
{{- define "docket.secretName" -}}
{{- default (include "docket.fullname" .) .Values.secrets.existingSecret -}}
{{- end -}}

{{/* The values that the chart shall put into a Secret, as YAML. */}}
{{- define "docket.secretValues" -}}
{{- $given := dict -}}
{{- range $name, $value := .Values.secrets.values -}}{{- if $value -}}{{- $_ := set $given $name $value -}}{{- end -}}{{- end -}}
{{- if $given -}}{{- toYaml $given -}}{{- end -}}
{{- end -}}

{{/* The variables that the release's Secret holds for certain, as a YAML list; empty when only its owner knows. */}}
{{- define "docket.secretKeys" -}}
{{- if .Values.secrets.external.enabled -}}{{- toYaml .Values.secrets.external.keys -}}
{{- else -}}{{- with include "docket.secretValues" . -}}{{- keys (fromYaml .) | sortAlpha | toYaml -}}{{- end -}}{{- end -}}
{{- end -}}

{{- define "docket.checkSecrets" -}}
{{- $ways := 0 -}}
{{- if .Values.secrets.existingSecret -}}{{- $ways = add1 $ways -}}{{- end -}}
{{- if .Values.secrets.external.enabled -}}{{- $ways = add1 $ways -}}{{- end -}}
{{- if include "docket.secretValues" . -}}{{- $ways = add1 $ways -}}{{- end -}}
{{- if ne (int $ways) 1 -}}
{{- fail "Say where the secrets are: exactly one of secrets.existingSecret, secrets.external.enabled and secrets.values." -}}
{{- end -}}
{{- if and .Values.secrets.external.enabled (not .Values.secrets.external.storeName) -}}
{{- fail "secrets.external.storeName: name the store that External Secrets shall ask." -}}
{{- end -}}
{{- $has := fromYamlArray (include "docket.secretKeys" .) -}}
{{- if $has -}}
{{- range list "DISCORD_TOKEN" "DATABASE_URL" "CLICKHOUSE_URL" "ENCRYPTION_KEY" "OBJECT_STORE_URL" -}}
{{- if not (or (has . $has) (hasKey $.Values.secrets.from .)) -}}
{{- fail (printf "%s is in none of the secrets: give it in secrets.values, secrets.external.keys or secrets.from." .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Secret variables as a container's env. Takes {root, required: [], optional: []}. */}}
{{- define "docket.secretEnv" -}}
{{- $root := .root -}}
{{- $secret := include "docket.secretName" $root -}}
{{- $all := dict -}}
{{- range .required }}{{- $_ := set $all . false -}}{{- end -}}
{{- range .optional }}{{- $_ := set $all . true -}}{{- end -}}
{{- range $name, $isOptional := $all }}
{{- $ref := default (dict "name" $secret "key" $name) (get $root.Values.secrets.from $name) }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $ref.name }}
      key: {{ $ref.key }}
      {{- if $isOptional }}
      optional: true
      {{- end }}
{{- end }}
{{- end -}}
