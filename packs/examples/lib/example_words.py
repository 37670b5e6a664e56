"""Words as others want them."""

import re
import unicodedata


def slug(text):
    """The text in small letters and digits, with dashes between the words."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))
