"""The settings of a deployment, with errors in the log and a page that never answers."""

from careersite.settings import *  # noqa: F403
from careersite.settings import MIDDLEWARE

MIDDLEWARE = [*MIDDLEWARE, "tests.failures.stuck.Stuck"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
