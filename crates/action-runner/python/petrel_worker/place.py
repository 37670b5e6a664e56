"""Where the pack lies whose code runs here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Optional

ST2_PACKS = "/opt/stackstorm/packs"
"""Where StackStorm has packs, and where Petrel may have a link for those that count on it."""


@dataclass
class _Place:
    pack: Optional[str] = None
    folder: Optional[str] = None


_here = _Place()


def settle(pack: str, folder: str) -> None:
    """Says which pack's code runs here."""
    _here.pack, _here.folder = pack, folder


def packs_folder() -> str:
    """The folder that this pack lies in."""
    return os.path.dirname(_here.folder.rstrip(os.sep)) if _here.folder else ST2_PACKS


def folder_of(pack: str) -> str:
    """The folder of a pack: this one's, or one beside it, or one where StackStorm has them."""
    if pack == _here.pack and _here.folder:
        return _here.folder
    beside = os.path.join(packs_folder(), pack)
    return beside if os.path.isdir(beside) else os.path.join(ST2_PACKS, pack)
