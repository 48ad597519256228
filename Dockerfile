# The site as it is served; compose.yaml runs it (docs/operations.md).

FROM python:3.13-slim-trixie AS build
WORKDIR /site
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
# First what seldom changes: the layer is made again only with another lock.
COPY requirements/postgres.txt requirements/redis.txt requirements/metrics.txt requirements/
RUN /venv/bin/pip install --require-hashes -r requirements/postgres.txt \
    && /venv/bin/pip install --require-hashes -r requirements/redis.txt \
    && /venv/bin/pip install --require-hashes -r requirements/metrics.txt
COPY manage.py gunicorn.conf.py ./
COPY careersite careersite
COPY careers careers
COPY templates templates
# A key that signs nothing and a database of nothing: settings want them.
RUN DEBUG=0 SECRET_KEY=for-the-build-alone-it-signs-nothing-and-is-in-no-use \
    ALLOWED_HOSTS=localhost DATABASE_URL=sqlite://:memory: \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.13-slim-trixie
# pg_dump, pg_restore and psql, at least as new as the server of compose.yaml.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin site \
    && install --directory --owner=site --mode=0700 /backups /run/counts \
    # nginx reads what stands there.
    && install --directory --owner=site --mode=0755 /pages /open-data
COPY --from=build /venv /venv
# Not the user's: what serves the site cannot change it.
COPY --from=build /site /site
WORKDIR /site
ENV PATH=/venv/bin:$PATH DEBUG=0 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER site
EXPOSE 8000
# Whether the process lives: one that waits for the database is not to be restarted.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
CMD ["gunicorn", "careersite.wsgi", "--config", "gunicorn.conf.py", "--bind", "0.0.0.0:8000"]
