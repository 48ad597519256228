"""What XML 1.0 can hold; people type and paste more."""

import re

_UNWRITABLE = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """The text without the characters that no XML may contain, however escaped."""
    return _UNWRITABLE.sub("", text)
