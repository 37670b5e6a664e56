"""Packs are fetched from real git repositories, folders and archives."""

import io
import logging
import os
import subprocess
import tarfile
import tempfile
import unittest

from sources import PROTOCOLS_OF_SUBMODULES, Fetcher, Source, SourceError, packed


def names(archive):
    with tarfile.open(fileobj=io.BytesIO(archive)) as content:
        return sorted(name.removeprefix("./") for name in content.getnames() if name != ".")


class SourceTest(unittest.TestCase):
    def test_tells_kinds_apart(self):
        self.assertTrue(Source("slack=1.0.0").is_name)
        self.assertEqual(Source("file:///srv/p=v1").path, "/srv/p")
        self.assertEqual(Source("./p").path, "./p")
        self.assertEqual(Source("archive:p").stored, "p")
        self.assertEqual(Source("git@h:a/b.git=main").url, "git@h:a/b.git")
        self.assertTrue(Source("ada/demo").url.endswith("/ada/demo"))
        self.assertEqual(Source("https://h/a/b=x").version, "x")

    def test_shows_no_password(self):
        self.assertEqual(str(Source("https://ada:hunter2@h/p.git=v1")), "https://h/p.git=v1")


class FetcherTest(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = os.path.join(held.name, "demo")
        os.mkdir(self.folder)
        self.write("pack.yaml", "name: demo\n")
        self.found = {}
        self.fetcher = Fetcher(self.found.get, logging.getLogger("test"))

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def git(self, *arguments):
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True)

    def repository(self):
        self.git("init", "--quiet", "--initial-branch=main")
        for version in ("1.0.0", "2.0.0"):
            self.write(version, "")
            self.git("add", "--all")
            self.git("commit", "--quiet", "--message", version)
            self.git("tag", "v" + version)
        self.git("branch", "old", "v1.0.0")
        return "file://" + self.folder

    def test_a_folder_is_taken_as_it_is(self):
        os.mkdir(os.path.join(self.folder, "__pycache__"))

        self.assertEqual(names(self.fetcher.archive(Source(self.folder))), ["pack.yaml"])

    def test_a_link_to_a_folder_is_taken_as_the_folder(self):
        link = self.folder + "-link"
        os.symlink(self.folder, link)

        self.assertEqual(names(self.fetcher.archive(Source(link))), ["pack.yaml"])

    def test_a_version_a_tag_a_branch_and_a_commit_are_found(self):
        url = self.repository()
        for version in ("1.0.0", "v1.0.0", "old", "v1.0.0~0"):
            fetched = names(self.fetcher.archive(Source(f"{url}={version}")))
            self.assertEqual(fetched, ["1.0.0", "pack.yaml"], version)
        self.assertEqual(names(self.fetcher.archive(Source(url))), ["1.0.0", "2.0.0", "pack.yaml"])

    def test_an_unknown_version_is_told_with_those_there_are(self):
        url = self.repository()

        with self.assertRaisesRegex(SourceError, 'valid version, hash.*versions are: 1.0.0, 2.0.0'):
            self.fetcher.archive(Source(url + "=7"))

    def test_a_version_is_never_an_option(self):
        with self.assertRaisesRegex(SourceError, "is not a valid version"):
            self.fetcher.archive(Source(self.repository() + "=--all"))

    def test_a_name_is_looked_for_in_the_index(self):
        self.found["demo"] = self.repository()

        self.assertEqual(names(self.fetcher.archive(Source("demo=1.0.0"))), ["1.0.0", "pack.yaml"])
        with self.assertRaisesRegex(SourceError, 'No record of the "other" pack in the index.'):
            self.fetcher.archive(Source("other"))

    def test_git_speaks_no_language_that_runs_commands(self):
        with self.assertRaisesRegex(SourceError, "not allowed"):
            self.fetcher.archive(Source("ext::sh -c touch% /tmp/x/y"))

    def test_an_archive_is_taken_as_it_is(self):
        self.write("demo.tar.gz", "not looked at here")

        path = os.path.join(self.folder, "demo.tar.gz")
        self.assertEqual(self.fetcher.archive(Source(path)), b"not looked at here")

    def test_an_archive_without_end_is_not_read_to_its_end(self):
        path = os.path.join(self.folder, "demo.tar")
        with open(path, "wb") as file:
            file.truncate((128 << 20) + 1)

        with self.assertRaisesRegex(SourceError, "more than 128 MiB"):
            self.fetcher.archive(Source(path))

    def test_submodules_come_along_where_they_are_asked_for(self):
        inner = tempfile.TemporaryDirectory()
        self.addCleanup(inner.cleanup)
        home, self.folder = self.folder, inner.name
        self.write("inside.txt", "")
        url, self.folder = self.repository(), home
        self.git("init", "--quiet")
        self.git("-c", "protocol.file.allow=always", "submodule", "add", "--quiet", url, "below")
        self.git("commit", "--quiet", "--message", "all")
        fetcher = Fetcher(self.found.get, logging.getLogger("test"), submodules=True)

        self.assertIn("below/inside.txt", names(fetcher.archive(Source(self.folder))))

    def test_a_submodule_of_a_repository_elsewhere_is_no_file_of_this_machine(self):
        self.repository()
        fetcher = Fetcher(self.found.get, logging.getLogger("test"))

        with self.assertRaisesRegex(SourceError, "not allowed"):
            fetcher._git(["clone", "file://" + self.folder, self.folder + "-2"], protocols=PROTOCOLS_OF_SUBMODULES)

    def test_packed_folders_keep_version_control_behind(self):
        self.repository()

        self.assertNotIn(".git", names(packed(self.folder)))


if __name__ == "__main__":
    unittest.main()
