"""Sending, through a real Exim."""

import os
import tempfile

from mail_accounts import MailError
from mail_case import MailCase, needs_servers
from mail_servers import PASSWORD
from send_email import SendEmailAction
from st2tests.base import BaseActionTestCase

MESSAGE = {
    "email_from": "Petrel <petrel@test.example>",
    "email_to": ["ada@test.example", "Alan <alan@test.example>"],
    "subject": "Größe",
    "message": "It is full.\n.\nReally: größer geht nicht.",
    "account": "out",
}


@needs_servers
class TestSending(MailCase, BaseActionTestCase):
    action_cls = SendEmailAction

    def send(self, account=None, **parameters):
        action = self.get_action_instance({"smtp_accounts": [account or self.smtp_account()]})
        return action.run(**{**MESSAGE, **parameters})

    def test_a_message_arrives_as_it_was_meant(self):
        status, result = self.send(email_cc=["cc@test.example"], reply_to="desk@test.example", headers={"X-Case": "7"})

        self.assertIs(status, True)
        (mail,) = self.messages()
        self.assertEqual(mail["From"], "Petrel <petrel@test.example>")
        self.assertEqual(mail["To"], "ada@test.example, Alan <alan@test.example>")
        self.assertEqual((mail["Cc"], mail["Reply-To"], mail["X-Case"]), ("cc@test.example", "desk@test.example", "7"))
        self.assertEqual((mail["Subject"], mail["Message-ID"]), ("Größe", result["message_id"]))
        self.assertEqual(mail.get_content().strip(), MESSAGE["message"])
        self.assertTrue(result["message_id"].endswith("@test.example>"))

    def test_blind_copies_are_blind(self):
        _, result = self.send(email_bcc=["boss@test.example"])

        (mail,) = self.messages()
        self.assertIn("boss@test.example", result["recipients"])
        self.assertIn("boss@test.example", mail["Envelope-to"])
        del mail["Envelope-to"]
        self.assertNotIn("boss", mail.as_string())

    def test_attachments_and_html(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        paths = [os.path.join(folder.name, name) for name in ("märz.png", "data")]
        for path in paths:
            with open(path, "wb") as file:
                file.write(b"\x00\xff\r\n.\r\n")

        self.send(mime="html", message="<b>full</b>", attachments=paths)
        (mail,) = self.messages()
        self.assertEqual(mail.get_body(("html",)).get_content().strip(), "<b>full</b>")
        found = [(part.get_filename(), part.get_content_type(), part.get_content()) for part in mail.iter_attachments()]
        data = b"\x00\xff\r\n.\r\n"
        self.assertEqual(found, [("märz.png", "image/png", data), ("data", "application/octet-stream", data)])

    def test_starttls(self):
        self.send(self.smtp_account(port=self.servers.smtp_port, security="auto"))

        self.assertEqual(len(self.messages()), 1)

    def test_a_certificate_that_is_not_trusted_is_refused(self):
        for port, security in ((self.servers.smtps_port, "tls"), (self.servers.smtp_port, "starttls")):
            with self.assertRaisesRegex(MailError, f"localhost:{port}: .*CERTIFICATE_VERIFY_FAILED"):
                self.send(self.smtp_account(port=port, security=security, ca_file=None))
        self.send(self.smtp_account(ca_file=None, verify=False))
        self.assertEqual(len(self.messages()), 1)

    def test_says_which_login_was_refused_and_never_the_password(self):
        with self.assertRaises(MailError) as raised:
            self.send(self.smtp_account(username="eve"))

        said = f"localhost:{self.servers.smtps_port}: logging in as eve: 535 Incorrect authentication data"
        self.assertEqual(str(raised.exception), said)
        self.assertNotIn(PASSWORD, str(raised.exception))

    def test_says_that_a_server_takes_no_login_in_the_clear(self):
        with self.assertRaisesRegex(MailError, "logging in as petrel: SMTP AUTH extension not supported by server"):
            self.send(self.smtp_account(port=self.servers.smtp_port, security="none"))

    def test_without_login(self):
        account = self.smtp_account(smtp_auth=False)
        with self.assertRaisesRegex(MailError, r"no recipient was accepted: ada@test.example \(550 log in first\), "):
            self.send(account)

    def test_one_recipient_that_is_refused_is_a_failure_that_says_so(self):
        status, result = self.send(email_to=["nobody-here@test.example", "ada@test.example"])

        self.assertIs(status, False)
        self.assertEqual(result["refused"], {"nobody-here@test.example": "550 no such user"})
        self.assertEqual(len(self.messages()), 1)

    def test_a_subject_cannot_add_headers(self):
        with self.assertRaises(ValueError):
            self.send(subject="x\r\nBcc: eve@test.example")
        self.assertEqual(self.messages(), [])


class TestSettings(BaseActionTestCase):
    action_cls = SendEmailAction

    def send(self, **account):
        accounts = [{"name": "out", "server": "127.0.0.1", "port": 9, **account}]
        return self.get_action_instance({"smtp_accounts": accounts}).run(**MESSAGE)

    def test_an_account_that_is_not_there_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "no account `out` in `smtp_accounts`; it has: other"):
            self.send(name="other")

    def test_says_that_nobody_answers(self):
        with self.assertRaisesRegex(MailError, "127.0.0.1:9: connecting: .*refused"):
            self.send()

    def test_what_makes_no_sense_is_refused(self):
        with self.assertRaisesRegex(MailError, "`security` is auto, tls, starttls or none; not `ssl`"):
            self.send(security="ssl")
