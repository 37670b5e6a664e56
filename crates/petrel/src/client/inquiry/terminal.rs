//! Asking a person at the terminal. Questions go to standard error, so that standard output stays the command's.

use std::io::{BufRead, Write};

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};

use super::form::Person;

/// The person at this process's terminal.
#[derive(Debug, Default)]
pub(in crate::client) struct Terminal;

impl Person for Terminal {
    fn ask(&mut self, question: &str, is_secret: bool) -> std::io::Result<Option<String>> {
        // Before the question: whoever answers it at once must not see what they type, nor lose it.
        let hidden = is_secret.then(Hidden::begin).transpose()?;
        let mut err = anstream::stderr().lock();
        write!(err, "{question}")?;
        err.flush()?;
        let mut line = String::new();
        let bytes = std::io::stdin().lock().read_line(&mut line)?;
        if hidden.is_some() {
            writeln!(err)?;
        }
        drop(hidden);
        Ok((bytes > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
    }

    fn tell(&mut self, text: &str) -> std::io::Result<()> {
        writeln!(anstream::stderr().lock(), "{text}")
    }
}

/// Typing is not shown while this lives.
struct Hidden {
    before: Termios,
}

impl Hidden {
    fn begin() -> std::io::Result<Self> {
        let before = tcgetattr(std::io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_flags.remove(LocalFlags::ECHO);
        tcsetattr(std::io::stdin(), SetArg::TCSAFLUSH, &quiet)?;
        Ok(Self { before })
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Err(error) = tcsetattr(std::io::stdin(), SetArg::TCSANOW, &self.before) {
            anstream::eprintln!("typing stays unseen ({error}): `stty echo` shows it again");
        }
    }
}
