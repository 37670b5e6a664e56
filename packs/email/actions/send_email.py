"""Sends an e-mail message."""

import mimetypes
import os
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

import mail_accounts
from st2common.runners.base_action import Action


class SendEmailAction(Action):
    def run(
        self,
        email_from,
        email_to,
        subject,
        message,
        account,
        email_cc=None,
        email_bcc=None,
        reply_to=None,
        mime="plain",
        attachments=None,
        headers=None,
    ):
        chosen = mail_accounts.find(self.config, "smtp_accounts", account)
        mail = EmailMessage()
        mail["From"] = email_from
        mail["To"] = ", ".join(email_to)
        if email_cc:
            mail["Cc"] = ", ".join(email_cc)
        if reply_to:
            mail["Reply-To"] = reply_to
        mail["Subject"] = subject
        mail["Date"] = formatdate(localtime=True)
        mail["Message-ID"] = make_msgid(domain=parseaddr(email_from)[1].rpartition("@")[2] or None)
        for name, value in (headers or {}).items():
            mail[name] = value
        mail.set_content(message, subtype=mime)
        for path in attachments or []:
            _attach(mail, path)
        everybody = [*email_to, *(email_cc or []), *(email_bcc or [])]
        with mail_accounts.smtp(chosen) as connection:
            refused = connection.send_message(mail, to_addrs=everybody)
        result = {"message_id": mail["Message-ID"], "recipients": everybody}
        if refused:
            # Some were accepted: the message is on its way to them.
            result["refused"] = {
                who: f"{code} {why.decode('utf-8', 'replace')}" for who, (code, why) in refused.items()
            }
            return False, result
        return True, result


def _attach(mail, path):
    name = os.path.basename(path)
    kind, encoding = mimetypes.guess_type(name)
    main, _, sub = (kind if kind and not encoding else "application/octet-stream").partition("/")
    with open(path, "rb") as file:
        mail.add_attachment(file.read(), maintype=main, subtype=sub, filename=name)
