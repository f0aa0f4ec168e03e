# rtmpipe serve. docs/running.md says how to run it: docker build -t rtmpipe . && docker run -p 1935:1935 rtmpipe

FROM node:22-slim AS build
WORKDIR /src
COPY . .
# Builds too. The download that is skipped is of an ffmpeg for tests.
RUN SKIP_FFMPEG=true npm ci --no-audit --no-fund
# What runs needs no sources and no tools.
RUN npm ci --no-audit --no-fund --omit=dev --ignore-scripts --workspace=rtmpipe --workspace=@rtmpipe/cluster-nats
RUN mkdir /app && cp -a --parents package.json node_modules packages/*/package.json packages/*/bin packages/*/dist /app

FROM node:22-slim
ENV NODE_ENV=production \
    RTMPIPE_HOST=0.0.0.0 \
    RTMPIPE_DATA=/data
COPY --from=build /app /app
RUN mkdir /data && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 1935 1936 8080 8443
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.RTMPIPE_RTMPT || 8080}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/packages/rtmpipe/bin/rtmpipe.js"]
CMD ["serve"]
