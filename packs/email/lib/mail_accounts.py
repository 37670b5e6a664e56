"""Accounts of the pack's configuration, and connections to their servers."""

import contextlib
import imaplib
import smtplib
import ssl

TIMEOUT = 30
"""Seconds to wait for an answer, where an account does not say."""


class MailError(Exception):
    """What a mail server refused, or why it cannot be reached. It never holds a password."""


def find(config, kind, name):
    """The account of this name among `kind`, `smtp_accounts` for example."""
    accounts = {account.get("name"): account for account in config.get(kind) or []}
    if name not in accounts:
        known = ", ".join(sorted(str(known) for known in accounts)) or "none"
        raise ValueError(f"The configuration of the pack email has no account `{name}` in `{kind}`; it has: {known}")
    return accounts[name]


@contextlib.contextmanager
def smtp(account):
    """A connection to send by, logged in where the account says so."""
    host, port = account["server"], int(account.get("port") or 465)
    with _told(f"{host}:{port}") as at:
        security = _security(account, "tls" if port == 465 else "starttls")
        timeout = account.get("timeout") or TIMEOUT
        at("connecting")
        if security == "tls":
            connection = smtplib.SMTP_SSL(host, port, timeout=timeout, context=_tls(account))
        else:
            connection = smtplib.SMTP(host, port, timeout=timeout)
        with connection:
            if security == "starttls":
                at("STARTTLS")
                connection.starttls(context=_tls(account))
            if account.get("smtp_auth", True):
                if not account.get("username") or not account.get("password"):
                    raise ValueError("the account needs `username` and `password`, or `smtp_auth: false`")
                at(f"logging in as {account['username']}")
                connection.login(account["username"], account["password"])
            at("sending")
            yield connection


@contextlib.contextmanager
def imap(account):
    """A connection to read by, logged in."""
    host, port = account["server"], int(account.get("port") or 993)
    with _told(f"{host}:{port}") as at:
        security = _security(account, "starttls" if port == 143 else "tls")
        timeout = account.get("timeout") or TIMEOUT
        at("connecting")
        if security == "tls":
            connection = imaplib.IMAP4_SSL(host, port, ssl_context=_tls(account), timeout=timeout)
        else:
            connection = imaplib.IMAP4(host, port, timeout=timeout)
        with connection:
            if security == "starttls":
                at("STARTTLS")
                connection.starttls(_tls(account))
            user, password = account.get("username") or "", account.get("password") or ""
            at(f"logging in as {user}")
            if "AUTH=PLAIN" in connection.capabilities:
                connection.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
            else:
                connection.login(user, password)
            at("reading")
            yield connection


@contextlib.contextmanager
def _told(server):
    """Errors in here become errors that say which server refused what."""
    step = ["connecting"]

    def at(name):
        step[0] = name

    try:
        yield at
    except smtplib.SMTPRecipientsRefused as error:
        refused = ", ".join(f"{who} ({_text(why)})" for who, why in error.recipients.items())
        raise MailError(f"{server}: no recipient was accepted: {refused}") from None
    except smtplib.SMTPResponseException as error:
        raise MailError(f"{server}: {step[0]}: {_text((error.smtp_code, error.smtp_error))}") from None
    except (OSError, EOFError, smtplib.SMTPException, imaplib.IMAP4.error, ValueError) as error:
        said = error.args[0] if error.args and isinstance(error.args[0], bytes) else str(error)
        said = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        raise MailError(f"{server}: {step[0]}: {said or type(error).__name__}") from None


def _security(account, usual):
    chosen = account.get("security") or "auto"
    if chosen == "auto":
        return usual if account.get("secure", True) else "none"
    if chosen not in ("tls", "starttls", "none"):
        raise ValueError(f"`security` is auto, tls, starttls or none; not `{chosen}`")
    return chosen


def _tls(account):
    context = ssl.create_default_context(cafile=account.get("ca_file") or None)
    if not account.get("verify", True):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _text(answer):
    code, said = answer
    return f"{code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
