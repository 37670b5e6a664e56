"""Attachments."""

import os
import tempfile

from get_attachment import GetAttachmentAction
from get_attachments import GetAttachmentsAction
from pack_http import ApiError
from test_records import RecordTestCase
from upload_attachment import UploadAttachmentAction


class TestAttachments(RecordTestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "load & more.png")
        with open(self.file, "wb") as file:
            file.write(b"\x89PNG")

    def test_uploads_a_file_with_its_name_and_type(self):
        made = self.run_action(UploadAttachmentAction, table="incident", sysid="i1", file=self.file)

        self.assertEqual(made["file_name"], "load & more.png")
        self.assertEqual((made["content_type"], made["size_bytes"]), ("image/png", "4"))
        self.assertEqual(self.run_action(GetAttachmentAction, sys_id="a1"), made)

    def test_lists_those_of_a_record(self):
        for sysid in ("i1", "i2"):
            self.run_action(UploadAttachmentAction, table="incident", sysid=sysid, file=self.file, name="x.bin")

        found = self.run_action(GetAttachmentsAction, table="incident", sysid="i2")
        self.assertEqual(
            [(item["sys_id"], item["content_type"]) for item in found], [("a2", "application/octet-stream")]
        )
        self.assertEqual(len(self.run_action(GetAttachmentsAction)), 2)

    def test_one_that_is_not_there_is_an_error(self):
        with self.assertRaisesRegex(ApiError, r"GET .*/api/now/attachment/a9: answered 404 Not Found"):
            self.run_action(GetAttachmentAction, sys_id="a9")
