//! The command line as it reaches the shell, with `sudo` where another user is meant. No I/O.

/// As whom a command runs.
#[derive(Debug)]
pub(super) struct RunAs<'a> {
    /// The user of this process.
    pub(super) current_user: &'a str,
    /// This process may do everything.
    pub(super) is_root: bool,
    /// The user that actions run as; `None` is the current one.
    pub(super) system_user: Option<&'a str>,
    /// The action asks for root.
    pub(super) sudo: bool,
    /// A password for sudo stands on the command's standard input.
    pub(super) has_password: bool,
}

impl RunAs<'_> {
    /// Whether sudo makes it somebody else's process.
    pub(super) fn asks_sudo(&self) -> bool {
        if self.sudo {
            return !self.is_root;
        }
        self.system_user
            .is_some_and(|user| user != self.current_user)
    }
}

/// The command for `sh -c`. As st2's `ShellCommandAction.get_full_command_string`, save that root asks nobody for
/// root.
pub(super) fn full_command(command: &str, run_as: &RunAs<'_>) -> String {
    let password = if run_as.has_password { " -S" } else { "" };
    if run_as.sudo {
        let sudo = if run_as.is_root {
            String::new()
        } else {
            format!("sudo -E{password} -- ")
        };
        return format!("{sudo}bash -c {}", quote(command));
    }
    match run_as.system_user {
        Some(user) if user != run_as.current_user => {
            format!(
                "sudo -E{password} -H -u {} -- bash -c {}",
                quote(user),
                quote(command)
            )
        }
        Some(_) | None => command.to_owned(),
    }
}

/// Quotes a word for the shell, as Python's `shlex.quote`.
pub(super) fn quote(word: &str) -> String {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"@%+=:,./-_".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_safe) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r#"'"'"'"#))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_user(current_user: &str) -> RunAs<'_> {
        RunAs {
            current_user,
            is_root: false,
            system_user: None,
            sudo: false,
            has_password: false,
        }
    }

    #[test]
    fn leaves_a_command_alone_when_no_other_user_is_meant() {
        assert_eq!(full_command("echo $HOME", &as_user("me")), "echo $HOME");
        assert_eq!(
            full_command(
                "id",
                &RunAs {
                    system_user: Some("me"),
                    ..as_user("me")
                }
            ),
            "id"
        );
    }

    #[test]
    fn asks_sudo_for_another_user_and_for_root() {
        let other = RunAs {
            system_user: Some("stanley"),
            ..as_user("me")
        };
        assert_eq!(
            full_command("id; ls", &other),
            "sudo -E -H -u stanley -- bash -c 'id; ls'"
        );

        assert!(other.asks_sudo());
        let root = RunAs {
            sudo: true,
            ..as_user("me")
        };
        assert_eq!(full_command("id", &root), "sudo -E -- bash -c id");

        let with_password = RunAs {
            has_password: true,
            ..root
        };
        assert_eq!(
            full_command("id", &with_password),
            "sudo -E -S -- bash -c id"
        );
    }

    #[test]
    fn asks_nobody_for_root_when_it_is_root() {
        let root = RunAs {
            is_root: true,
            sudo: true,
            ..as_user("root")
        };

        assert_eq!(full_command("id", &root), "bash -c id");
        assert!(!root.asks_sudo());
    }

    #[test]
    fn quotes_as_the_shell_reads_it() {
        assert_eq!(quote("a-b_c/d.e"), "a-b_c/d.e");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("it's"), r#"'it'"'"'s'"#);
        assert_eq!(quote("ä"), "'ä'");
    }
}
