"""Where the virtualenvs of this node are."""

import os

from petrel_worker.virtualenvs import Place


def place(pack, tell):
    """Where the virtualenv of a pack is, or will be."""
    folders = os.environ.get("PETREL_VIRTUALENVS", "").split(os.pathsep)
    if not folders[0]:
        raise RuntimeError("this node does not say where virtualenvs are: PETREL_VIRTUALENVS is not set")
    return Place(folders[0], pack, tell, tuple(folders[1:]))
