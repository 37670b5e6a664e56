"""The part of StackStorm's `st2common` that packs import."""

__version__ = "3.9.0"
