"""Where packs lie."""

from __future__ import annotations

import os

from petrel_worker import place

__all__ = [
    "get_entry_point_abs_path",
    "get_pack_base_path",
    "get_pack_directory",
    "get_pack_resource_file_abs_path",
    "get_packs_base_paths",
    "get_system_packs_base_path",
]


def get_system_packs_base_path() -> str:
    """The folder of packs."""
    return place.packs_folder()


def get_packs_base_paths() -> list[str]:
    """The folders of packs."""
    return list(dict.fromkeys([place.packs_folder(), place.ST2_PACKS]))


def get_pack_base_path(
    pack_name: str, include_trailing_slash: bool = False, use_pack_cache: bool = False
) -> str:
    """The folder of a pack."""
    folder = place.folder_of(pack_name)
    return os.path.join(folder, "") if include_trailing_slash else folder


def get_pack_directory(pack_name: str) -> str:
    """The folder of a pack."""
    return place.folder_of(pack_name)


def get_pack_resource_file_abs_path(pack_ref: str, resource_type: str, file_path: str) -> str:
    """A file of a pack, such as one of its `actions`. It must lie in the pack."""
    folder = os.path.join(os.path.abspath(place.folder_of(pack_ref)), f"{resource_type.rstrip('s')}s")
    found = os.path.normpath(os.path.join(folder, file_path.lstrip("/")))
    if not found.startswith(folder + os.sep):
        raise ValueError(f"`{file_path}` does not lie in the folder {folder} of pack `{pack_ref}`")
    return found


def get_entry_point_abs_path(pack: str, entry_point: str) -> str:
    """The file of an action's entry point."""
    if os.path.isabs(entry_point):
        return entry_point
    return os.path.join(place.folder_of(pack), "actions", entry_point)
