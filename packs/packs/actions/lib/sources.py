"""Where packs come from: git, folders, archives, and indexes that name one of these."""

import io
import os
import re
import ssl
import subprocess
import tarfile
import tempfile
import urllib.request

ARCHIVE = re.compile(r"\.(tar\.gz|tgz|tar|zip)$", re.IGNORECASE)
VERSION = re.compile(r"^\d+\.\d+(\.\d+)?\S*$")
PROTOCOLS = "file:git:http:https:ssh"
"""What git may speak: others run commands."""
PROTOCOLS_OF_SUBMODULES = "git:http:https:ssh"
"""What submodules of a repository elsewhere may be fetched by: it has no business with the files of this machine."""
LEFT_OUT = {".git", "__pycache__"}
MOST = 128 << 20
"""Bytes of an archive: as many as the engine takes."""


class SourceError(Exception):
    """A pack cannot be had from where it was said to be."""


class Source:
    """`NAME`, `URL` or `PATH`, with `=VERSION` after it as wanted."""

    def __init__(self, text):
        self.text = text
        self.place, _, self.version = text.partition("=")

    def __str__(self):
        return re.sub(r"://[^/@\s]*@", "://", self.text)

    @property
    def stored(self):
        """The pack whose content is stored already: `archive:PACK`."""
        return self.place[len("archive:"):] if self.place.startswith("archive:") else None

    @property
    def path(self):
        """The file or folder that it names; `None` where it names none."""
        if self.place.startswith("file://"):
            return self.place[len("file://"):]
        is_path = self.place.startswith(("/", "./", "../", "~"))
        return os.path.expanduser(self.place) if is_path else None

    @property
    def is_name(self):
        """Whether it is to be looked for in an index."""
        return self.path is None and "/" not in self.place

    @property
    def url(self):
        """The git URL; `OWNER/REPOSITORY` is short for one of GitHub's, as with StackStorm."""
        is_short = self.place.count("/") == 1 and "@" not in self.place and ":" not in self.place
        return "https://github.com/" + self.place if is_short else self.place


class Fetcher:
    """Fetches packs. `find` gives the URL of a pack in an index, or `None`."""

    def __init__(self, find, logger, verify=True, submodules=False):
        self._find = find
        self._logger = logger
        self._verify = verify
        self._submodules = submodules

    def archive(self, source):
        """The content of a pack as an archive: bytes of a tar or a zip."""
        if source.is_name:
            url = self._find(source.place)
            if not url:
                raise SourceError(f'No record of the "{source.place}" pack in the index.')
            return self.archive(Source("=".join(filter(None, [url, source.version]))))
        path = source.path
        if path is not None:
            return self._of_path(source, path)
        if ARCHIVE.search(source.place):
            return self._of_url(source)
        return self._of_git(source.url, source)

    def origin(self, source):
        """Where a pack comes from, to be remembered: of a name, what the index says."""
        url = self._find(source.place) if source.is_name else None
        return Source("=".join(filter(None, [url, source.version]))) if url else source

    def _of_path(self, source, path):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                return _all_of(file, source)
        if not os.path.isdir(path):
            raise SourceError(f"{source}: there is no such file or folder on this node")
        if os.path.exists(os.path.join(path, ".git")) or _is_bare(path):
            return self._of_git("file://" + os.path.abspath(path), source)
        if source.version:
            raise SourceError(f"{source}: this folder is no git repository, so it has no versions")
        return packed(path)

    def _of_url(self, source):
        self._logger.info("fetching %s", source)
        context = None if self._verify else ssl._create_unverified_context()
        with urllib.request.urlopen(source.place, context=context, timeout=60) as answer:
            return _all_of(answer, source)

    def _of_git(self, url, source):
        self._logger.info("cloning %s", source)
        with tempfile.TemporaryDirectory(prefix="petrel-pack-") as folder:
            clone = os.path.join(folder, "clone")
            self._git(["clone", "--quiet", "--", url, clone])
            if source.version:
                commit = self._commit(clone, source)
                self._git(["checkout", "--quiet", "--detach", commit], clone)
            if self._submodules:
                protocols = PROTOCOLS if url.startswith("file:") else PROTOCOLS_OF_SUBMODULES
                self._git(["submodule", "update", "--quiet", "--init", "--recursive"], clone, protocols=protocols)
            return packed(clone)

    def _commit(self, clone, source):
        """The commit that a branch, tag, commit or version means."""
        version = source.version
        candidates = [f"refs/remotes/origin/{version}", version]
        if VERSION.match(version):
            candidates.append("v" + version)
        for candidate in candidates:
            command = ["rev-parse", "--verify", "--quiet", "--end-of-options", candidate + "^{commit}"]
            found = self._git(command, clone, check=False)
            if found:
                return found
        tags = [tag[1:] for tag in self._git(["tag"], clone).split() if re.match(r"v\d", tag)]
        known = f" Available versions are: {', '.join(tags)}." if tags else ""
        place = Source(source.place)
        raise SourceError(f'"{version}" is not a valid version, hash, tag or branch in {place}.{known}')

    def _git(self, arguments, folder=None, check=True, protocols=PROTOCOLS):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_DIR")}
        environment.update(GIT_TERMINAL_PROMPT="0", GIT_ASKPASS="true", GIT_ALLOW_PROTOCOL=protocols, LC_ALL="C")
        if not self._verify:
            environment["GIT_SSL_NO_VERIFY"] = "true"
        # Whose repository it is does not matter: nothing of it runs here.
        command = ["git", "-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", *arguments]
        try:
            ended = subprocess.run(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
            )
        except FileNotFoundError:
            raise SourceError("git is not installed on this node") from None
        if ended.returncode != 0:
            if not check:
                return ""
            raise SourceError(re.sub(r"://[^/@\s]*@", "://", ended.stderr.strip()) or f"git ended with {ended.returncode}")
        return ended.stdout.strip()


def _all_of(file, source):
    held = file.read(MOST + 1)
    if len(held) > MOST:
        raise SourceError(f"{source}: it has more than {MOST >> 20} MiB")
    return held


def packed(folder):
    """A folder as a tar; version control and compiled files stay behind."""
    with io.BytesIO() as held:
        with tarfile.open(fileobj=held, mode="w:gz", compresslevel=1) as archive:
            archive.add(os.path.realpath(folder), arcname=".", filter=_kept)
        return held.getvalue()


def _kept(member):
    return None if LEFT_OUT.intersection(member.name.split("/")) else member


def _is_bare(folder):
    return all(os.path.exists(os.path.join(folder, name)) for name in ("HEAD", "objects", "refs"))
