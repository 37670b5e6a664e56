"""The sensor, with a real Dovecot; what it reads was sent by the action through a real Exim, where that matters."""

import base64
import os
import tempfile

import imap_sensor
from imap_sensor import IMAPSensor
from mail_case import MailCase, needs_servers
from mail_servers import PASSWORD
from send_email import SendEmailAction
from st2tests.base import BaseSensorTestCase

PLAIN = b"From: ada@test.example\r\nSubject: %s\r\nMessage-ID: <1@test.example>\r\n\r\nwell\r\n"


@needs_servers
class TestIMAPSensor(MailCase, BaseSensorTestCase):
    sensor_cls = IMAPSensor

    def setUp(self):
        super().setUp()
        self.kept = {}
        keep = self.sensor_service.datastore_service.set_value
        # The double of the datastore refuses what expires.
        self.sensor_service.set_value = lambda name, value, ttl=None, **how: (
            self.kept.update({name: (value, ttl)}) if ttl else keep(name, value, **how)
        )

    def poll(self, *accounts, **config):
        """Polls once; gives back what was dispatched by that."""
        before = len(self.get_dispatched_triggers())
        self.get_sensor_instance({"imap_accounts": list(accounts) or [self.imap_account()], **config}).poll()
        new = self.get_dispatched_triggers()[before:]
        self.assertEqual({one["trigger"] for one in new} - {"email.imap.message"}, set())
        return [one["payload"] for one in new]

    def logged(self):
        return [call.args for call in self.sensor_service.get_logger(imap_sensor.__name__).error.call_args_list]

    def test_a_message_that_was_sent_arrives(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        paths = [os.path.join(folder.name, name) for name in ("note.txt", "a.png", "large.bin")]
        for path, data in zip(paths, ("größe".encode(), b"\x89PNG", b"x" * 2000)):
            with open(path, "wb") as file:
                file.write(data)
        send = SendEmailAction(config={"smtp_accounts": [self.smtp_account()]})
        _, sent = send.run(
            "Petrel <petrel@test.example>", ["ada@test.example"], "Größe", "It is füll.", "out", attachments=paths
        )

        (told,) = self.poll(self.imap_account(download_attachments=True))
        self.assertEqual((told["from"], told["to"]), ("Petrel <petrel@test.example>", "ada@test.example"))
        self.assertEqual((told["subject"], told["body"].strip(), told["body_html"]), ("Größe", "It is füll.", None))
        self.assertEqual((told["message_id"], told["account"], told["is_whole"]), (sent["message_id"], "in", True))
        self.assertIn(["Subject", "Größe"], told["headers"])
        self.assertEqual(told["mailbox_metadata"]["user"], "petrel")
        self.assertNotIn(PASSWORD, str(told))

        self.assertTrue(told["has_attachments"])
        # The third is larger than `max_attachment_size`.
        about = [(one["file_name"], one["content_type"], one["size"], one["encoding"]) for one in told["attachments"]]
        self.assertEqual(about, [("note.txt", "text/plain", 7, "utf-8"), ("a.png", "image/png", 4, "base64")])
        text, image = (self.kept[one["datastore_key"]] for one in told["attachments"])
        self.assertEqual((text, image), (("größe", 1800), (base64.b64encode(b"\x89PNG").decode(), 1800)))

    def test_each_message_is_told_once(self):
        self.servers.deliver(PLAIN % b"one")
        self.servers.deliver(PLAIN % b"two")
        self.assertEqual(sorted(told["subject"] for told in self.poll()), ["one", "two"])
        self.assertEqual(self.poll(), [])

        self.servers.deliver(PLAIN % b"three")
        self.assertEqual([told["subject"] for told in self.poll()], ["three"])
        self.assertEqual(self.poll(), [])

    def test_what_somebody_has_read_meanwhile_is_told_all_the_same(self):
        self.assertEqual(self.poll(), [])
        self.servers.deliver(PLAIN % b"read")
        self.read_everything()

        self.assertEqual([told["subject"] for told in self.poll()], ["read"])

    def test_at_the_first_look_only_what_nobody_has_read_is_new(self):
        self.servers.deliver(PLAIN % b"old")
        self.read_everything()
        self.servers.deliver(PLAIN % b"new")

        self.assertEqual([told["subject"] for told in self.poll()], ["new"])
        self.assertEqual(self.poll(), [])

    def read_everything(self):
        """Reads as another program does."""
        with imap_sensor.mail_accounts.imap(self.imap_account()) as connection:
            connection.select()
            connection.store("1:*", "+FLAGS", r"(\Seen)")

    def test_messages_are_marked_as_read_where_that_is_wanted(self):
        self.servers.deliver(PLAIN % b"one")
        self.poll(self.imap_account(mark_as_read=False))
        self.assertEqual(self.unread(), 1)

        self.servers.deliver(PLAIN % b"two")
        self.poll(self.imap_account())
        self.assertEqual(self.unread(), 1)

    def unread(self):
        with imap_sensor.mail_accounts.imap(self.imap_account()) as connection:
            connection.select(readonly=True)
            return len(connection.search(None, "UNSEEN")[1][0].split())

    def test_what_the_engine_does_not_take_is_told_the_next_time(self):
        self.servers.deliver(PLAIN % b"one")
        dispatch = self.sensor_service.dispatch

        def refuse(**_):
            raise ConnectionError("the engine is away")

        self.sensor_service.dispatch = refuse
        with self.assertRaisesRegex(imap_sensor.EngineError, "dispatch: the engine is away"):
            self.poll()

        self.sensor_service.dispatch = dispatch
        self.assertEqual([told["subject"] for told in self.poll()], ["one"])

    def test_of_a_large_message_only_the_headers_are_read(self):
        self.servers.deliver(PLAIN % b"large" + b"x" * 5000)

        (told,) = self.poll(max_message_size=1000)
        self.assertEqual((told["subject"], told["is_whole"], told["has_attachments"]), ("large", False, False))
        self.assertGreater(told["size"], 5000)
        self.assertNotIn("xxx", told["body"] or "")

    def test_a_folder_of_any_name(self):
        account = self.imap_account(folder='an "odd" one')
        with imap_sensor.mail_accounts.imap(account) as connection:
            connection.create(r'"an \"odd\" one"')
            connection.append(r'"an \"odd\" one"', None, None, PLAIN % b"odd")

        (told,) = self.poll(account)
        self.assertEqual((told["subject"], told["mailbox_metadata"]["folder"]), ("odd", 'an "odd" one'))

    def test_starttls_and_in_the_clear(self):
        for number, security in enumerate(("starttls", "none")):
            self.servers.deliver(PLAIN % security.encode())
            account = self.imap_account(name=f"in{number}", port=self.servers.imap_port, security=security)
            self.assertEqual([told["subject"] for told in self.poll(account)], [security])

    def test_a_mailbox_that_fails_does_not_stop_the_others(self):
        self.servers.deliver(PLAIN % b"one")
        broken = [
            self.imap_account(name="a", password="wrong"),
            self.imap_account(name="b", folder="none"),
            self.imap_account(name="c", ca_file=None),
            self.imap_account(name="d", port=9),
        ]

        self.assertEqual(len(self.poll(*broken, self.imap_account())), 1)
        where = f"localhost:{self.servers.imaps_port}"
        said = [f"{name}: {error}" for _, name, error in self.logged()]
        self.assertRegex(said[0], f"^a: {where}: logging in as petrel: .*Authentication failed")
        self.assertRegex(said[1], "^b: none: SELECT: NO .*Mailbox doesn't exist")
        self.assertRegex(said[2], f"^c: {where}: connecting: .*CERTIFICATE_VERIFY_FAILED")
        self.assertRegex(said[3], "^d: localhost:9: connecting: .*refused")
        self.assertNotIn("wrong", str(said))
