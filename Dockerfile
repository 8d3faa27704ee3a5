# One image for each service: --build-arg SERVICE=productpage (details, addedvalues, styletransfer). `scripts/images.sh` builds all.
ARG NODE_VERSION=24

FROM node:${NODE_VERSION}-slim AS build
ARG SERVICE
ARG PNPM_VERSION=12
ENV CI=true
WORKDIR /src
RUN npm install --global "pnpm@${PNPM_VERSION}"
COPY . .
# The folder that `pnpm deploy` writes holds what the service needs to run: compiled code and production dependencies.
RUN pnpm install --frozen-lockfile --filter "@bankinfo/${SERVICE}..." \
 && pnpm --filter "@bankinfo/${SERVICE}..." run build \
 && pnpm --filter "@bankinfo/${SERVICE}" deploy --prod --legacy /app \
 && find /app -name .tsbuildinfo -delete

FROM node:${NODE_VERSION}-slim
ARG SERVICE
ARG VERSION=1.0.0
LABEL org.opencontainers.image.title="bankinfo/${SERVICE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.description="${SERVICE} of Bankinfo, the bank's twin of Istio's Bookinfo" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production HOST=0.0.0.0 PORT=9080
WORKDIR /app
COPY --from=build /app /app
USER 65532:65532
EXPOSE 9080
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/server.js"]
