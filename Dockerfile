# Two stages: the first builds a virtual environment from the lock file; the second copies only that environment.
FROM python:3.11-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Makefile pyproject.toml requirements.txt README.md LICENSE ./
COPY bot bot
COPY digests digests
COPY config config
# The extras postgresql, cluster and s3 are in the lock file. pip compiles what it installs, so nothing has to be written
# at a start.
RUN make -s install PREFIX=/opt/digestbot

# For full_text of feeds, see "Full text" in docs/feeds.md: an image made from this one has its library.
FROM python:3.11-slim
# Covers and charts have words in Chinese, Japanese and Korean by that font; libfribidi sets those from the right. The
# cache of fonts is made here, since the container writes none. /pictures is for a volume that containers share.
RUN apt-get update \
    && apt-get install -y --no-install-recommends tzdata fontconfig fonts-noto-cjk libfribidi0 git ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && fc-cache -f \
    && groupadd --system --gid 10001 digestbot \
    && useradd --system --uid 10001 --gid 10001 --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin digestbot \
    && install -d -o digestbot -g digestbot -m 700 /data /pictures \
    && install -d /posts
COPY --from=build /opt/digestbot /opt/digestbot
# All that is written is in /data, in /pictures if it is used, and in /tmp: the rest may be read-only.
ENV PATH=/opt/digestbot/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DIGESTBOT_DATA_DIR=/data \
    DIGESTBOT_POSTS__FOLDER=/posts
USER 10001:10001
VOLUME ["/data", "/posts"]
WORKDIR /data
HEALTHCHECK --interval=60s --timeout=15s --start-period=30s CMD ["digestbot", "doctor", "--running"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["digestbot"]
CMD ["run"]
