# syntax=docker/dockerfile:1
# promptchain as a service, in an image without a shell: docker build -t promptchain .
# The builder has the Rust that Cargo.toml names (rust-version), on the Debian of the final image.
FROM rust:1.95-slim-bookworm AS builder
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
# jemalloc is built for pages of one size, and ends the process on a kernel with larger ones. On aarch64 they may have
# 64 KiB.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    JEMALLOC_SYS_WITH_LG_PAGE="$(case "$(uname -m)" in aarch64) echo 16 ;; *) echo 12 ;; esac)" \
    cargo build --release --locked --features jemalloc --bin promptchain \
    && cp target/release/promptchain /promptchain
RUN rustc --edition 2024 -O -C strip=symbols -o /health deploy/docker/health.rs

# glibc, the system's certificates and the user 65532; no shell, no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="promptchain" \
      org.opencontainers.image.description="Runs a three-step prompt chain against Claude, with gates between the steps" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=builder /promptchain /usr/bin/promptchain
COPY --from=builder /health /usr/bin/health
# Nothing is written, so that the root file system can be read-only; the folder is empty, so that no .env
# is found in it.
WORKDIR /var/empty
USER 65532:65532
ENV API_HOST=0.0.0.0 API_PORT=8000
EXPOSE 8000
STOPSIGNAL SIGTERM
# Whether the process answers. Whether it wants requests is /health/ready, which is for load balancers: an
# instance that drains or waits for its upstream isn't to be restarted.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["/usr/bin/health"]
ENTRYPOINT ["/usr/bin/promptchain"]
CMD ["serve"]
