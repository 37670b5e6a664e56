"""A real SMTP server (Exim) and a real IMAP server (Dovecot) on free ports, over one throw-away maildir.

Exim changes to a user of its own, so it takes root to run one. Mailbox and Dovecot belong to that user as well.
"""

import contextlib
import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading

EXIM = shutil.which("exim4", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PROGRAMS = EXIM and DOVECOT and shutil.which("openssl") and os.getuid() == 0
MISSING = "there is no Exim or no Dovecot here (apt: exim4-daemon-light, dovecot-imapd), or this does not run as root"
USER, PASSWORD = "petrel", "s3cret-pass"
PATIENCE = 30

EXIM_CONFIG = """
primary_hostname = test.example
spool_directory = {folder}/spool
log_file_path = {folder}/spool/%slog
keep_environment =
deliver_drop_privilege
domainlist local_domains = test.example
tls_advertise_hosts = *
tls_certificate = {folder}/cert.pem
tls_privatekey = {folder}/key.pem
acl_smtp_rcpt = rcpt
begin acl
rcpt:
  deny local_parts = nobody-here
       message = no such user
  accept authenticated = *
  deny message = log in first
begin routers
all:
  driver = accept
  domains = +local_domains
  transport = maildir
begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = {folder}/mail
  envelope_to_add
  batch_max = 100
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
  server_advertise_condition = ${{if def:tls_in_cipher}}
"""

DOVECOT_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
first_valid_uid = 1
listen = 127.0.0.1
default_internal_user = {owner}
default_internal_group = {group}
default_login_user = {owner}
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = user={user} password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class MailServers:
    """Started by the constructor. `ca_file` is what their certificate is trusted by."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        folder = self._folder.name
        os.chmod(folder, 0o711)
        owner = pwd.getpwnam(_exim_user())
        group = grp.getgrgid(owner.pw_gid).gr_name
        self.ca_file = os.path.join(folder, "cert.pem")
        self._write("dovecot.log", "")
        for name in ("spool", "run", "mail", "mail/new", "mail/cur", "mail/tmp"):
            os.mkdir(os.path.join(folder, name), 0o755)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", f"{folder}/key.pem", "-out", self.ca_file],
            check=True,
            capture_output=True,
        )  # fmt: skip
        self.imap_port, self.imaps_port = _free_ports(2)
        said = {"folder": folder, "user": USER, "password": PASSWORD, "owner": owner.pw_name, "group": group}
        self._write("exim.conf", EXIM_CONFIG.format(**said))
        self._write("dovecot.conf", DOVECOT_CONFIG.format(**said, plain=self.imap_port, tls=self.imaps_port))
        os.chmod(f"{folder}/key.pem", 0o644)
        for name in ("spool", "run", "mail", "mail/new", "mail/cur", "mail/tmp", "dovecot.log"):
            shutil.chown(os.path.join(folder, name), owner.pw_uid, owner.pw_gid)
        self._owner = owner.pw_uid
        self.mail = os.path.join(folder, "mail")
        command = [DOVECOT, "-F", "-c", f"{folder}/dovecot.conf"]
        self._dovecot = subprocess.Popen(command, user=owner.pw_uid, group=owner.pw_gid, extra_groups=[])
        self._listeners = []
        self._delivered = 0
        self.smtp_port = self._serve_smtp([])
        self.smtps_port = self._serve_smtp(["-tls-on-connect"])
        _wait_for(self.imap_port, self._dovecot)

    def _serve_smtp(self, options):
        """Starts Exim for each connection, as inetd does: so there is no port that somebody else may take."""
        listener = socket.create_server(("127.0.0.1", 0))
        self._listeners.append(listener)
        # `-odi`: the message is in its mailbox before it is acknowledged.
        command = [EXIM, "-C", f"{self._folder.name}/exim.conf", "-odi", "-bs", *options]

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    subprocess.run(command, stdin=connection, stdout=connection, stderr=subprocess.DEVNULL)

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    def _write(self, name, text):
        with open(os.path.join(self._folder.name, name), "w", encoding="utf-8") as file:
            file.write(text)

    def deliver(self, raw):
        """Puts a message into the mailbox as it is."""
        self._delivered += 1
        name = f"{self._delivered}.raw.test"
        path = os.path.join(self.mail, "tmp", name)
        with open(path, "wb") as file:
            file.write(raw)
        shutil.chown(path, self._owner)
        os.rename(path, os.path.join(self.mail, "new", name))

    def close(self):
        """Ends both, and removes what they wrote."""
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._dovecot.terminate()
        self._dovecot.wait()
        self._folder.cleanup()


def _exim_user():
    """Whom Exim becomes, as it was built."""
    said = subprocess.run(
        [EXIM, "-C", "/dev/null", "-n", "-bP", "exim_user"], check=True, capture_output=True, text=True
    )
    return said.stdout.strip()


def _free_ports(number):
    """Ports that nobody listens on."""
    with contextlib.ExitStack() as open_ones:
        return [open_ones.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(number)]


def _wait_for(port, process):
    """Waits until somebody listens."""
    pause = threading.Event()
    for _ in range(PATIENCE * 50):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
            return
        if process.poll() is not None:
            break
        pause.wait(0.02)
    raise AssertionError("Dovecot does not start")
