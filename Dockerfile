# syntax=docker/dockerfile:1
# Each step is a command of ./do, so what builds here builds on any machine. Everything comes as a wheel: no compiler.

FROM python:3.13-slim-bookworm AS build
WORKDIR /src
COPY do pyproject.toml requirements.lock requirements-dev.lock requirements-node.lock ./
COPY package.json package-lock.json .npmrc ./
# What we depend on changes seldom: one environment that is shipped, one that builds, in a layer of their own.
RUN ./do step-venv /opt/skolepas requirements.lock && ./do step-venv .venv requirements-dev.lock
COPY README.md LICENSE ./
COPY policies policies
COPY idp idp
COPY sync sync
COPY admin_ui admin_ui
RUN ./do step-assets && ./do step-catalogues && ./do step-wheel dist \
    && ./do step-install /opt/skolepas dist/skolepas-*.whl

FROM python:3.13-slim-bookworm
# The one place that is written to; the rest may be mounted read-only.
RUN useradd --system --uid 10001 --home-dir /var/lib/skolepas --create-home --shell /usr/sbin/nologin skolepas
COPY --from=build /opt/skolepas /opt/skolepas
ENV PATH=/opt/skolepas/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SKOLEPAS_SETTINGS=/var/lib/skolepas/skolepas.toml
WORKDIR /var/lib/skolepas
USER 10001
VOLUME /var/lib/skolepas
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["skolepas"]
CMD ["serve"]
