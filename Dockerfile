# One image for each service: --build-arg SERVICE=productpage (details, addedvalues, styletransfer, labtools). `scripts/images.sh` builds all.
ARG NODE_VERSION=24

# Built on the builder's own platform, whatever the image's: all that differs is the binaries that pnpm picks, and no compiler has to be emulated.
FROM --platform=$BUILDPLATFORM node:${NODE_VERSION}-slim AS build
ARG SERVICE
ARG TARGETARCH
ARG PNPM_VERSION=12
ARG SOURCE_DATE_EPOCH
ENV CI=true
WORKDIR /src
RUN npm install --global "pnpm@${PNPM_VERSION}"
COPY . .
# The folder that `pnpm deploy` writes holds what the service needs to run: compiled code and production dependencies.
RUN cpu="${TARGETARCH}" && if [ "${cpu}" = amd64 ]; then cpu=x64; fi \
 && pnpm install --frozen-lockfile --filter "@bankinfo/${SERVICE}..." \
 && pnpm --filter "@bankinfo/${SERVICE}..." run build \
 && pnpm --filter "@bankinfo/${SERVICE}" deploy --prod --legacy --cpu="${cpu}" /app \
 && find /app -name .tsbuildinfo -delete \
 # When it was installed and from which store; nothing reads it, and it would make each build another one.
 && rm -f /app/node_modules/.modules.yaml /app/node_modules/.pnpm-workspace-state*.json \
 # BuildKit copies files with their times, which would be those of the build.
 && if [ -n "${SOURCE_DATE_EPOCH}" ]; then find /app -exec touch --no-dereference --date "@${SOURCE_DATE_EPOCH}" {} +; fi

FROM node:${NODE_VERSION}-slim
ARG SERVICE
ARG VERSION=1.0.0
ARG REVISION
LABEL org.opencontainers.image.title="bankinfo/${SERVICE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.description="${SERVICE} of Bankinfo, the bank's twin of Istio's Bookinfo" \
      org.opencontainers.image.licenses="MIT"
# Young objects get little room, as on the laptop: pages per second lose little by it, and a pod under load stays much smaller.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=9080 NODE_OPTIONS=--max-semi-space-size=4
COPY --from=build /app /app
WORKDIR /app
# The lab's pods are a place to run programs in: curl, and labtools' own under the names that documents call them by.
# The base's Debian release pins curl.
# hadolint ignore=DL3008
RUN if [ "${SERVICE}" = labtools ]; then \
      apt-get update && apt-get install -y --no-install-recommends ca-certificates curl && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* \
      && ln -s /app/bin/* /usr/local/bin/ && ln -s /app/bin/* /usr/bin/; \
    fi
USER 65532:65532
EXPOSE 9080
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/server.js"]
