# The image of every Airflow service: the project, and exactly the packages that its tests ran with.
FROM apache/airflow:3.3.2-python3.11

# Not in requirements.txt, because neither the demo nor a test imports them: CeleryExecutor and the
# login of the compose file. They were resolved and started with requirements.txt. Celery 5.7 lacks a
# name that the provider imports, though the provider's own bounds allow it.
ARG CELERY=5.6.3
ARG CELERY_PROVIDER=3.26.0
ARG FAB_PROVIDER=3.10.2

USER root
RUN install -d -o airflow -g 0 -m 0775 /opt/airflow/environment /opt/airflow/cx /opt/airflow/inbox
USER airflow

# An environment of its own: the image's packages follow Airflow's constraints, not ours, and a mix
# of the two is a set that nobody has tested. `uv` and the entrypoint stay the image's.
ENV VIRTUAL_ENV=/opt/airflow/environment
ENV PATH=$VIRTUAL_ENV/bin:$PATH \
    PYTHONPATH=/opt/airflow \
    PYTHONDONTWRITEBYTECODE=1 \
    CX_HOME=/opt/airflow/cx
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv $VIRTUAL_ENV \
    && uv pip install --no-cache --python $VIRTUAL_ENV/bin/python \
        --requirement /tmp/requirements.txt \
        celery==$CELERY apache-airflow-providers-celery==$CELERY_PROVIDER \
        apache-airflow-providers-fab==$FAB_PROVIDER \
    && uv pip check --python $VIRTUAL_ENV/bin/python

WORKDIR /opt/airflow
COPY --chown=airflow:0 dags dags
COPY --chown=airflow:0 config config
COPY --chown=airflow:0 expectations expectations
COPY --chown=airflow:0 include include
COPY --chown=airflow:0 dbt_project dbt_project

# the build fails here rather than a service at night
RUN python -c "import airflow.providers.celery.executors.celery_executor, airflow.providers.fab.auth_manager.fab_auth_manager, include.warehouse, include.delivery.page"
