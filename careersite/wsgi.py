"""The door of every deployment: production settings unless the environment says otherwise."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careersite.settings")
os.environ.setdefault("DEBUG", "0")

application = get_wsgi_application()
