# Two stages: the first builds a virtual environment from the lock file; the second copies only that environment.
FROM python:3.11-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Makefile pyproject.toml requirements.txt README.md LICENSE ./
COPY bot bot
COPY digests digests
COPY config config
RUN make -s install PREFIX=/opt/digestbot

# For full_text of feeds, see "Full text" in docs/feeds.md: an image made from this one has its library.
FROM python:3.11-slim
# Covers and charts have words in Chinese, Japanese and Korean by that font; libfribidi sets those from the right.
RUN apt-get update \
    && apt-get install -y --no-install-recommends tzdata fontconfig fonts-noto-cjk libfribidi0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --create-home digestbot \
    && chmod 700 /data
COPY --from=build /opt/digestbot /opt/digestbot
ENV PATH=/opt/digestbot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DIGESTBOT_DATA_DIR=/data \
    DIGESTBOT_POSTS__FOLDER=/posts
USER digestbot
VOLUME ["/data", "/posts"]
WORKDIR /data
HEALTHCHECK --interval=60s --timeout=15s --start-period=30s CMD ["digestbot", "doctor", "--running"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["digestbot"]
CMD ["run"]
