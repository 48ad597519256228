"""The door of every deployment: production settings unless the environment says otherwise."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careersite.settings")
os.environ.setdefault("DEBUG", "0")
# Whoever waits at a browser has left by then; commands, which do not come in here, take their time.
os.environ.setdefault("REQUEST_SECONDS", "60")
os.environ.setdefault("STATEMENT_SECONDS", "20")

application = get_wsgi_application()

# What is loaded by now stays for good: looking through it again and again for garbage took a fifth
# of the time of a page.
gc.collect()
gc.freeze()
