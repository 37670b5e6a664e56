"""What the tests against real servers have in common: the servers, started once for each class, and accounts there."""

import email
import email.policy
import os
import shutil
import unittest

import mail_servers
from mail_servers import PASSWORD, USER

needs_servers = unittest.skipUnless(mail_servers.PROGRAMS, mail_servers.MISSING)


class MailCase:
    """To be inherited before the case of an action or a sensor."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.servers = mail_servers.MailServers()
        cls.addClassCleanup(cls.servers.close)

    def setUp(self):
        super().setUp()
        for name in os.listdir(self.servers.mail):
            path = os.path.join(self.servers.mail, name)
            if name in ("new", "cur"):
                for message in os.listdir(path):
                    os.remove(os.path.join(path, message))
            elif name.startswith("."):
                shutil.rmtree(path)

    def smtp_account(self, **more):
        account = {"name": "out", "server": "localhost", "port": self.servers.smtps_port, "security": "tls",
                   "username": USER, "password": PASSWORD, "ca_file": self.servers.ca_file}  # fmt: skip
        return {**account, **more}

    def imap_account(self, **more):
        account = {"name": "in", "server": "localhost", "port": self.servers.imaps_port, "security": "tls",
                   "username": USER, "password": PASSWORD, "ca_file": self.servers.ca_file}  # fmt: skip
        return {**account, **more}

    def messages(self):
        """The messages in the mailbox."""
        found = []
        for folder in ("new", "cur"):
            for name in sorted(os.listdir(os.path.join(self.servers.mail, folder))):
                with open(os.path.join(self.servers.mail, folder, name), "rb") as file:
                    found.append(email.message_from_bytes(file.read(), policy=email.policy.default))
        return found
