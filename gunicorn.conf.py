"""How gunicorn serves the site; it reads this file by itself (docs/failures.md).

Each value may be set by the environment; the defaults suit two cores and 1 GB.
"""

import os
from pathlib import Path

wsgi_app = "careersite.wsgi"
bind = os.environ.get("BIND", "127.0.0.1:8000")

# One thread computes at a time in each process; the others wait for the database or for readers.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))

# A process that gives no sign of life for so long is killed. What one request may take is said by
# REQUEST_SECONDS: a process of several threads lives on while one of them hangs.
timeout = int(os.environ.get("WEB_TIMEOUT", "30"))
# What has begun is finished before a process ends, when it is told to.
graceful_timeout = 30
# Longer than a proxy keeps a connection without using it: it never sends into one being closed.
keepalive = int(os.environ.get("WEB_KEEPALIVE", "75"))
# Processes are renewed, not all at once: whatever leaks, leaks for a while.
max_requests = int(os.environ.get("WEB_MAX_REQUESTS", "20000"))
max_requests_jitter = max_requests // 10

# The maximum: a question with many filters is a long address.
limit_request_line = 8190
# A sign of life is a touched file: a full or slow disk must not look like a dead process.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
control_socket_disable = True

# Its own lines as those of the site (docs/operations.md): JSON, and nothing about anybody.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "careersite.logs.Json"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {"gunicorn.error": {"handlers": ["console"], "propagate": False}},
    "root": {"handlers": [], "level": "WARNING"},
}
