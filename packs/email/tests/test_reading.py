"""What is made of messages, odd ones too."""

import json
import unittest

import mail_reading


def read(*lines):
    return mail_reading.parse(b"\r\n".join(lines))


class TestReading(unittest.TestCase):
    def test_text_and_html(self):
        message = read(
            b"Subject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=",
            b'Content-Type: multipart/alternative; boundary="b"',
            b"",
            b"--b",
            b"Content-Type: text/plain; charset=iso-8859-1",
            b"Content-Transfer-Encoding: quoted-printable",
            b"",
            b"Gr=F6=DFe",
            b"--b",
            b"Content-Type: text/html; charset=utf-8",
            b"",
            "<b>Größe</b>".encode(),
            b"--b--",
        )

        payload = mail_reading.payload(message)
        self.assertEqual((payload["subject"], payload["body"].strip()), ("Größe", "Größe"))
        self.assertEqual(payload["body_html"].strip(), "<b>Größe</b>")
        self.assertEqual(mail_reading.attachments(message), [])

    def test_html_alone_is_the_body(self):
        payload = mail_reading.payload(read(b"Content-Type: text/html", b"", b"<b>x</b>"))

        self.assertEqual((payload["body"], payload["body_html"]), ("<b>x</b>", "<b>x</b>"))

    def test_a_message_within_a_message_is_an_attachment(self):
        message = read(
            b'Content-Type: multipart/mixed; boundary="b"',
            b"",
            b"--b",
            b"Content-Type: text/plain",
            b"",
            b"see below",
            b"--b",
            b"Content-Type: message/rfc822",
            b"",
            b"Subject: inner",
            b"",
            b"hidden",
            b"--b--",
        )

        ((name, kind, data),) = mail_reading.attachments(message)
        self.assertEqual((name, kind), ("attachment-1", "message/rfc822"))
        self.assertIn(b"Subject: inner", data)
        self.assertEqual(mail_reading.payload(message)["body"].strip(), "see below")

    def test_what_follows_no_standard_is_read_as_well_as_may_be(self):
        for lines in (
            (b"Subject: \xff\xfe\x00raw", b"", b"\xff\x00body"),
            (b"Content-Type: text/plain; charset=no-such-set", b"", b"caf\xc3\xa9"),
            (b'Content-Type: multipart/mixed; boundary="never"', b"", b"no parts at all"),
            (b"Content-Type: /;;=", b"Content-Transfer-Encoding: base64", b"", b"!!!"),
            (b"From: =?utf-8?b?broken", b"To: <<>>, ,@", b"Date: someday", b"Message-ID: no brackets", b"", b"x"),
            (b"no header at all",),
            (b"",),
        ):
            message = read(*lines)
            payload = {
                **mail_reading.payload(message),
                "attachments": [one[:2] for one in mail_reading.attachments(message)],
            }
            said = json.dumps(payload, ensure_ascii=False).encode("utf-8")
            self.assertNotIn(b"\\u0000", said)
        self.assertEqual(
            mail_reading.payload(read(b"Content-Type: text/plain; charset=no-such-set", b"", "é".encode()))["body"], "é"
        )
