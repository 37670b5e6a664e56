"""Looks into IMAP mailboxes and dispatches `email.imap.message` for each message that is new there.

New is what has a higher UID than the last message that was told, which is kept in the datastore. At the first look, and
when a server has given out its UIDs anew, it is what nobody has read yet.
"""

import base64
import hashlib
import json
import re

import mail_accounts
import mail_reading
from st2reactor.sensor.base import PollingSensor

TRIGGER = "email.imap.message"
LARGEST_MESSAGE = 10 * 1024 * 1024
LARGEST_ATTACHMENT = 1024
ATTACHMENT_LIFE = 1800


class EngineError(Exception):
    """The engine took no dispatch or kept no value: no fault of the mailbox."""


class IMAPSensor(PollingSensor):
    def __init__(self, sensor_service, config=None, poll_interval=30):
        super().__init__(sensor_service=sensor_service, config=config, poll_interval=poll_interval)
        self._logger = self.sensor_service.get_logger(__name__)

    def setup(self):
        pass

    def poll(self):
        for account in self.config.get("imap_accounts") or []:
            try:
                with mail_accounts.imap(account) as connection:
                    self._look(account, Folder(connection, account))
            except mail_accounts.MailError as error:
                # The other mailboxes shall not wait for this one.
                self._logger.error("Mailbox %s: %s", account.get("name"), error)

    def cleanup(self):
        pass

    def add_trigger(self, trigger):
        pass

    def update_trigger(self, trigger):
        pass

    def remove_trigger(self, trigger):
        pass

    def _look(self, account, folder):
        memory = f"seen-{account['name']}-{folder.name}"
        seen = json.loads(self._engine("get_value", memory) or "{}")
        knows = seen.get("uidvalidity") == folder.validity
        last = seen["uid"] if knows else 0
        for uid in folder.after(last) if knows else folder.unread():
            payload = self._payload(account, folder, uid)
            if payload is not None:
                self._engine("dispatch", trigger=TRIGGER, payload=payload)
            self._remember(memory, folder, uid)
            if account.get("mark_as_read", True):
                folder.mark_as_read(uid)
        if not knows:
            self._remember(memory, folder, folder.highest)

    def _remember(self, memory, folder, uid):
        self._engine("set_value", memory, json.dumps({"uidvalidity": folder.validity, "uid": uid}))

    def _engine(self, call, *arguments, **named):
        try:
            return getattr(self.sensor_service, call)(*arguments, **named)
        except Exception as error:
            raise EngineError(f"{call}: {error}") from error

    def _payload(self, account, folder, uid):
        """What a message says; `None` where it was deleted meanwhile."""
        size = folder.size(uid)
        is_whole = size is not None and size <= (self.config.get("max_message_size") or LARGEST_MESSAGE)
        raw = folder.fetch(uid, "BODY.PEEK[]" if is_whole else "BODY.PEEK[HEADER]")
        if raw is None:
            return None
        message = mail_reading.parse(raw)
        payload = {
            "uid": uid,
            **mail_reading.payload(message),
            "account": account["name"],
            "size": size,
            "is_whole": is_whole,
            "mailbox_metadata": {
                "server": account["server"],
                "port": account.get("port") or 993,
                "user": account.get("username"),
                "folder": folder.name,
                "ssl": account.get("secure", True),
            },
        }
        if is_whole:
            found = mail_reading.attachments(message)
            payload["has_attachments"] = bool(found)
            if account.get("download_attachments"):
                payload["attachments"] = list(self._stored(account, folder, uid, found))
        return payload

    def _stored(self, account, folder, uid, attachments):
        """Puts attachments into the datastore."""
        largest = self.config.get("max_attachment_size") or LARGEST_ATTACHMENT
        for number, (name, kind, data) in enumerate(attachments):
            if len(data) > largest:
                self._logger.info("Message %s: `%s` has %s bytes, more than max_attachment_size", uid, name, len(data))
                continue
            value, encoding = _as_text(kind, data)
            said = f"{account['name']}/{folder.name}/{folder.validity}/{uid}/{number}"
            key = f"attachments-{hashlib.sha256(said.encode()).hexdigest()[:32]}"
            life = self.config.get("attachment_datastore_ttl") or ATTACHMENT_LIFE
            self._engine("set_value", key, value, ttl=life, local=False)
            yield {
                "file_name": name,
                "content_type": kind,
                "size": len(data),
                "encoding": encoding,
                "datastore_key": key,
            }


class Folder:
    """An open folder of a mailbox."""

    def __init__(self, connection, account):
        self.name = account.get("folder") or "INBOX"
        self._connection = connection
        quoted = '"' + self.name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        self._asked("SELECT", connection.select(quoted, readonly=not account.get("mark_as_read", True)))
        self.validity = int(connection.response("UIDVALIDITY")[1][0] or 0)
        upcoming = connection.response("UIDNEXT")[1][0]
        self.highest = int(upcoming) - 1 if upcoming else max(self._search("ALL"), default=0)

    def unread(self):
        """The UIDs of messages that nobody has read, the lowest first."""
        return self._search("UNSEEN")

    def after(self, uid):
        """The UIDs above this one, the lowest first."""
        # `n:*` always has the last message, even where its UID is below n.
        return [found for found in self._search(f"UID {uid + 1}:*") if found > uid]

    def size(self, uid):
        """How many bytes a message has; `None` where there is none."""
        said = self._uid("FETCH", str(uid), "(RFC822.SIZE)")
        found = [re.search(rb"RFC822\.SIZE (\d+)", item) for item in said if isinstance(item, bytes)]
        return next((int(match[1]) for match in found if match), None)

    def fetch(self, uid, what):
        """The bytes of a message, or of a part of it; `None` where there is none."""
        return next((item[1] for item in self._uid("FETCH", str(uid), f"({what})") if isinstance(item, tuple)), None)

    def mark_as_read(self, uid):
        """Sets the flag that says so."""
        self._uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")

    def _search(self, criterion):
        return sorted(int(uid) for line in self._uid("SEARCH", criterion) for uid in (line or b"").split())

    def _uid(self, command, *arguments):
        return self._asked(command, self._connection.uid(command, *arguments))

    def _asked(self, command, answer):
        status, data = answer
        if status != "OK":
            raise mail_accounts.MailError(f"{self.name}: {command}: {status} {b' '.join(filter(None, data)).decode()}")
        return data


def _as_text(kind, data):
    """Bytes as text, and how to make bytes of it again."""
    if kind == "text/plain":
        try:
            return data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            pass
    return base64.b64encode(data).decode("ascii"), "base64"
