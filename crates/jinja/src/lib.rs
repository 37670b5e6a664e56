//! Jinja2 with Python semantics.
