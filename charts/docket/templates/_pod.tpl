{{/* What all pods have in common. */}}

{{- define "docket.podSecurity" -}}
{{- $own := dict "runAsNonRoot" true "runAsUser" 10001 "runAsGroup" 10001 "fsGroup" 10001 "seccompProfile" (dict "type" "RuntimeDefault") -}}
{{- toYaml (merge $own .Values.podSecurityContext) -}}
{{- end -}}

{{- define "docket.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 10001
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Which secret variables a role reads: never one that it does not. Takes {root, role}. */}}
{{- define "docket.roleSecrets" -}}
{{- $isKafka := eq (include "docket.hasKafka" .root) "true" -}}
{{- $bot := list "DISCORD_TOKEN" "DATABASE_URL" "ENCRYPTION_KEY" -}}
{{- $sasl := list "KAFKA_SASL_PASSWORD" -}}
{{- $objects := list "OBJECT_STORE_ACCESS_KEY" "OBJECT_STORE_SECRET_KEY" -}}
{{- $required := dict
  "cluster" (append $bot "CLICKHOUSE_URL")
  "interactions" (append $bot "CLICKHOUSE_URL")
  "worker" (append $bot "OBJECT_STORE_URL")
  "api" (concat $bot (list "CLICKHOUSE_URL" "OBJECT_STORE_URL"))
  "drain" (ternary (list "DATABASE_URL") (list "DATABASE_URL" "CLICKHOUSE_URL") $isKafka)
  "ingest" (list "DATABASE_URL" "CLICKHOUSE_URL")
  "migrate" (list "DATABASE_URL" "CLICKHOUSE_URL")
  "register" (list "DISCORD_TOKEN")
-}}
{{- $optional := dict
  "worker" $objects
  "api" (append $objects "DISCORD_CLIENT_SECRET")
  "drain" (ternary $sasl list $isKafka)
  "ingest" $sasl
-}}
{{- dict "required" (get $required .role) "optional" (default list (get $optional .role)) | toYaml -}}
{{- end -}}

{{/*
The variables of a role that are no secret, as YAML: what it reads of `config`, and what its own `config` says instead. Takes {root, role}.
*/}}
{{- define "docket.config" -}}
{{- $data := dict "PORT" "3000" "HEALTH_PORT" "3001" "DATA_DIR" "/tmp" -}}
{{- $own := default dict (get .root.Values .role).config -}}
{{- $all := default dict .root.Values.config -}}
{{- range get (.root.Files.Get "files/variables.json" | fromJson).roles .role -}}
{{- $value := get $own . -}}
{{- if or (kindIs "invalid" $value) (eq (toString $value) "") }}{{- $value = get $all . -}}{{- end -}}
{{- if not (or (kindIs "invalid" $value) (eq (toString $value) "")) -}}
{{- $_ := set $data . (ternary (toString (int64 $value)) (toString $value) (kindIs "float64" $value)) -}}
{{- end -}}
{{- end -}}
{{- toYaml $data -}}
{{- end -}}

{{/*
From SIGTERM to SIGKILL: whatever is set, longer than the process gives itself (runtime/stop.ts), so that shards and jobs are let go in order
and no lease must run out. Takes {root, role}.
*/}}
{{- define "docket.graceS" -}}
{{- $file := .root.Files.Get "files/variables.json" | fromJson -}}
{{- $least := add $file.stopWithinS 5 -}}
{{- if eq .role "api" }}{{- $least = add $least (include "docket.leavingS" .) -}}{{- end -}}
{{- if eq .role "interactions" -}}
{{- $config := fromYaml (include "docket.config" .) -}}
{{- $least = add $least (ternary (get $config "DRAIN_S") $file.drainS (hasKey $config "DRAIN_S")) -}}
{{- end -}}
{{- $asked := (get .root.Values .role).terminationGracePeriodSeconds -}}
{{- if and $asked (lt (int64 $asked) (int64 $least)) -}}
{{- fail (printf "%s.terminationGracePeriodSeconds: stopping may take %d s; give that or more, or leave it null." .role (int64 $least)) -}}
{{- end -}}
{{- default $least $asked | int64 -}}
{{- end -}}

{{/* Seconds for which api still takes requests after it has been told to end: until every proxy knows that it leaves. */}}
{{- define "docket.leavingS" -}}5{{- end -}}

{{/* A container's env and envFrom. Takes {root, role, extra}. */}}
{{- define "docket.env" -}}
envFrom:
  - configMapRef:
      name: {{ include "docket.fullname" .root }}-{{ .role }}
env:
  {{- $secrets := fromYaml (include "docket.roleSecrets" .) }}
  {{- include "docket.secretEnv" (dict "root" .root "required" $secrets.required "optional" $secrets.optional) | trim | nindent 2 }}
  - name: POD_NAME
    valueFrom:
      fieldRef:
        fieldPath: metadata.name
  {{- if eq .role "cluster" }}
  - name: POD_COUNT
    value: {{ .root.Values.cluster.replicas | quote }}
  {{- end }}
  {{- if and .root.Values.kafkaCa.secret (has .role (list "drain" "ingest")) (include "docket.hasKafka" .root) }}
  - name: KAFKA_TLS_CA
    value: /etc/docket/kafka/ca.crt
  {{- end }}
  {{- with .extra }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Fields of a pod that do not depend on what it does. Takes {root, role, values}. */}}
{{- define "docket.podPlace" -}}
serviceAccountName: {{ include "docket.serviceAccountName" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "docket.podSecurity" .root | nindent 2 }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- define "docket.spread" -}}
{{- with .root.Values.topologySpread }}
{{- if .enabled }}
topologySpreadConstraints:
  {{- range $key, $when := dict "topology.kubernetes.io/zone" .zones "kubernetes.io/hostname" .nodes }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ $when }}
    labelSelector:
      matchLabels:
        {{- include "docket.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "docket.scratch" -}}
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 256Mi
{{- end -}}

{{/* Waits until the databases that the role reads have this version's schema, so that no process runs on an older one. Takes {root, role}. */}}
{{- define "docket.waitForSchema" -}}
initContainers:
  - name: schema
    image: {{ include "docket.image" .root }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: [migrate, --wait, {{ .root.Values.migrate.waitSeconds | quote }}]
    {{- $reads := fromYaml (include "docket.roleSecrets" .) }}
    {{- $databases := list }}
    {{- range list "DATABASE_URL" "CLICKHOUSE_URL" }}{{- if has . $reads.required }}{{- $databases = append $databases . }}{{- end }}{{- end }}
    env:
      {{- include "docket.secretEnv" (dict "root" .root "required" $databases "optional" list) | trim | nindent 6 }}
    securityContext:
      {{- include "docket.containerSecurity" . | nindent 6 }}
    resources:
      {{- toYaml .root.Values.migrate.resources | nindent 6 }}
    volumeMounts:
      - name: tmp
        mountPath: /tmp
{{- end -}}

{{/* The pod template of a role that serves for ever. Takes {root, role, args, http: bool}. */}}
{{- define "docket.servingPod" -}}
{{- $values := get .root.Values .role -}}
{{- $hasCa := and .root.Values.kafkaCa.secret (has .role (list "drain" "ingest")) (include "docket.hasKafka" .root) -}}
metadata:
  labels:
    {{- include "docket.selector" . | nindent 4 }}
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include "docket.config" . | sha256sum }}
    {{- with include "docket.secretValues" .root }}
    checksum/secret: {{ . | sha256sum }}
    {{- end }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- include "docket.podPlace" (dict "root" .root "values" $values) | nindent 2 }}
  terminationGracePeriodSeconds: {{ include "docket.graceS" . }}
  {{- with include "docket.spread" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- include "docket.waitForSchema" . | nindent 2 }}
  containers:
    - name: {{ .role }}
      image: {{ include "docket.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args: {{ toJson .args }}
      {{- include "docket.env" (dict "root" .root "role" .role "extra" $values.extraEnv) | nindent 6 }}
      ports:
        {{- if .http }}
        - name: http
          containerPort: 3000
          protocol: TCP
        {{- end }}
        - name: health
          containerPort: 3001
          protocol: TCP
      {{- /* Starting holds the wait for Discord and, for a cluster, for IDENTIFY slots; liveness only sees a process that hangs. */}}
      startupProbe:
        httpGet: { path: /livez, port: health }
        periodSeconds: 2
        failureThreshold: 90
      livenessProbe:
        httpGet: { path: /livez, port: health }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /readyz, port: health }
        periodSeconds: 5
        timeoutSeconds: 4
        failureThreshold: 3
      {{- if eq .role "api" }}
      {{- /* Requests still arrive until every proxy knows that the pod leaves; interactions wait for that themselves (DRAIN_S). */}}
      lifecycle:
        preStop:
          sleep:
            seconds: {{ include "docket.leavingS" . }}
      {{- end }}
      securityContext:
        {{- include "docket.containerSecurity" . | nindent 8 }}
      resources:
        {{- toYaml $values.resources | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- if $hasCa }}
        - name: kafka-ca
          mountPath: /etc/docket/kafka
          readOnly: true
        {{- end }}
  {{- include "docket.scratch" . | nindent 2 }}
    {{- if $hasCa }}
    - name: kafka-ca
      secret:
        secretName: {{ .root.Values.kafkaCa.secret }}
        items:
          - { key: {{ .root.Values.kafkaCa.key }}, path: ca.crt }
    {{- end }}
{{- end -}}
