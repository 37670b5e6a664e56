//! `petrel doctor`: what configuration is in force, and what is wrong.

mod in_force;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use bus::{Bus, BusOptions};
use lifecycle::Tasks;
use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};
use secrets::Vault;
use serde::Serialize;
use store::{Store, StoreOptions};

use crate::args::{Common, DoctorArgs};
use crate::client::{print, print_json};
use crate::configuration::Configuration;

/// How long servers may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// With less room than this on its disk, in MiB, an embedded store is about to refuse writes.
const NEEDED_ROOM: u64 = 64;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    value: String,
    ok: bool,
    /// What is wrong, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl Finding {
    /// As lines for people.
    fn shown(&self) -> String {
        let verdict = if self.ok { "ok" } else { "BAD" };
        let problem = self.problem.as_ref();
        let problem = problem.map(|problem| format!("     {:<20} {problem}\n", ""));
        format!(
            "{verdict:<4} {:<20} {}\n{}",
            self.what,
            self.value,
            problem.unwrap_or_default()
        )
    }
}

/// Looks at everything; failure if something is wrong.
pub(crate) async fn run(common: &Common, args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let configuration = Configuration::for_doctor(
        common,
        &args.store,
        &args.service,
        args.broker_url.as_deref(),
    )?;
    let findings = examine(&configuration).await;
    let all_well = findings.iter().all(|finding| finding.ok);
    if args.json {
        print_json(&serde_json::to_value(&findings)?)?;
    } else {
        print(&findings.iter().map(Finding::shown).collect::<String>())?;
    }
    Ok(if all_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn examine(configuration: &Configuration) -> Vec<Finding> {
    let file = configuration
        .file
        .as_ref()
        .map_or("none".to_owned(), |path| path.display().to_string());
    let mut findings = vec![
        good("configuration file", file),
        data_folder(&configuration.data_dir),
        store(&configuration.store).await,
        broker(&configuration.bus).await,
        key_file(&configuration.key_file, &configuration.store),
    ];
    findings.extend(configuration.packs.iter().map(|folder| packs(folder)));
    findings.extend(configuration.listen.iter().map(|address| listen(*address)));
    findings.push(authentication(configuration));
    if let Some(folder) = &configuration.st2_folders {
        findings.push(good("StackStorm's folders", folder.display().to_string()));
    }
    findings.extend(in_force::settings(configuration));
    findings
}

fn good(what: &'static str, value: String) -> Finding {
    Finding {
        what,
        value,
        ok: true,
        problem: None,
    }
}

fn judged(what: &'static str, value: String, problem: Option<String>) -> Finding {
    Finding {
        what,
        value,
        ok: problem.is_none(),
        problem,
    }
}

fn data_folder(folder: &Path) -> Finding {
    let value = folder.display().to_string();
    let is_there = folder.exists();
    if is_there && !folder.is_dir() {
        let problem = "it is no folder: give another --data-dir".to_owned();
        return judged("data folder", value, Some(problem));
    }
    // What is not there yet is made in the nearest folder that is.
    let Some(place) = folder.ancestors().find(|place| place.exists()) else {
        return good("data folder", value);
    };
    let problem = access(place, AccessFlags::W_OK | AccessFlags::X_OK)
        .map_err(|error| format!("`{}` cannot be written: {error}", place.display()))
        .and_then(|()| room(place))
        .err();
    let value = if is_there {
        value
    } else {
        format!("{value} (will be made at the first start)")
    };
    judged("data folder", value, problem)
}

/// Complains where the disk of a folder is as good as full.
fn room(folder: &Path) -> Result<(), String> {
    let disk = statvfs(folder).map_err(|error| format!("its disk does not answer: {error}"))?;
    let free = disk.blocks_available().saturating_mul(disk.fragment_size()) >> 20;
    if free < NEEDED_ROOM {
        return Err(format!("its disk has {free} MiB left: make room"));
    }
    Ok(())
}

async fn store(options: &StoreOptions) -> Finding {
    let (value, options) = match options {
        StoreOptions::Sqlite { path } if !path.exists() => {
            return good(
                "store",
                format!("{} (will be made at the first start)", path.display()),
            );
        }
        StoreOptions::Sqlite { path } => (path.display().to_string(), options.clone()),
        StoreOptions::Postgres {
            url,
            max_connections,
            ..
        } => (
            without_password(url),
            StoreOptions::Postgres {
                url: url.clone(),
                max_connections: *max_connections,
                connect_deadline: Some(Duration::ZERO),
            },
        ),
    };
    let answer = tokio::time::timeout(PATIENCE, async {
        Store::connect(&options).await?.ping().await
    })
    .await;
    judged(
        "store",
        value,
        match answer {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(told(&error)),
            Err(_) => Some(format!(
                "no answer within {PATIENCE:?}: is the server running?"
            )),
        },
    )
}

async fn broker(options: &BusOptions) -> Finding {
    let BusOptions::Amqp { url, .. } = options else {
        return good("message broker", "in process".to_owned());
    };
    let tasks = Tasks::default();
    let answer = tokio::time::timeout(PATIENCE, Bus::connect(options, &tasks)).await;
    tasks.shutdown().stop();
    judged(
        "message broker",
        without_password(url),
        match answer {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some(format!(
                "no answer within {PATIENCE:?}: is the server running?"
            )),
        },
    )
}

fn key_file(path: &Path, store: &StoreOptions) -> Finding {
    let value = path.display().to_string();
    if !path.exists() {
        let is_lost = matches!(store, StoreOptions::Sqlite { path } if path.exists());
        let problem = is_lost.then(|| {
            "it is missing, though there is a store: secrets that were sealed with it cannot be opened without it"
                .to_owned()
        });
        let value = format!("{value} (will be made at the next start)");
        return judged("key file", value, problem);
    }
    judged(
        "key file",
        value,
        Vault::open_or_create(path).err().map(|error| told(&error)),
    )
}

/// An error with its causes, save those that the text before says already.
fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    for cause in causes.map(ToString::to_string) {
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// What the roles that answer requests would say of it at their start.
fn authentication(configuration: &Configuration) -> Finding {
    let value = if configuration.insecure_no_auth {
        "off"
    } else {
        "needed"
    };
    judged(
        "authentication",
        value.to_owned(),
        configuration
            .check_authentication()
            .err()
            .map(|error| error.to_string()),
    )
}

fn packs(folder: &Path) -> Finding {
    let problem = (!folder.is_dir()).then(|| "there is no such folder".to_owned());
    judged("packs", folder.display().to_string(), problem)
}

fn listen(address: std::net::SocketAddr) -> Finding {
    let problem = match std::net::TcpListener::bind(address) {
        Ok(_) => None,
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            return good(
                "address",
                format!("{address} (in use: an engine runs, or something else does)"),
            );
        }
        Err(error) => Some(format!("cannot be listened on: {error}")),
    };
    judged("address", address.to_string(), problem)
}

/// A URL as it may be shown.
fn without_password(url: &str) -> String {
    match url
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)))
    {
        Some((scheme, (login, place))) => {
            let user = login.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:********@{place}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_password() {
        assert_eq!(
            without_password("postgres://petrel:se@cret@db/petrel"),
            "postgres://petrel:********@db/petrel"
        );
        assert_eq!(without_password("amqp://localhost"), "amqp://localhost");
    }

    #[test]
    fn says_a_cause_once() {
        let refused = || std::io::Error::other("refused");
        let outer = anyhow::Error::new(refused()).context("no answer: refused");

        assert_eq!(told(outer.as_ref()), "no answer: refused");
        let outer = anyhow::Error::new(refused()).context("no answer");
        assert_eq!(told(outer.as_ref()), "no answer: refused");
    }

    #[test]
    fn says_that_a_data_folder_cannot_be_made() {
        let finding = data_folder(Path::new("/proc/petrel/data"));

        let problem = finding.problem.unwrap_or_default();
        assert!(!finding.ok, "{}", finding.value);
        assert!(!problem.is_empty());
    }

    #[test]
    fn says_that_the_key_of_a_store_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let (key, path) = (folder.path().join("key"), folder.path().join("petrel.db"));
        let store = StoreOptions::Sqlite { path: path.clone() };

        let fresh = key_file(&key, &store);
        std::fs::write(&path, "").unwrap();
        let lost = key_file(&key, &store);

        assert_eq!((fresh.ok, fresh.problem), (true, None));
        let problem = lost.problem.unwrap_or_default();
        assert!(problem.starts_with("it is missing"), "{problem}");
    }

    #[test]
    fn says_that_the_disk_of_the_data_folder_is_full() {
        // A file system without a single block.
        let problem = room(Path::new("/proc")).unwrap_err();

        assert_eq!(problem, "its disk has 0 MiB left: make room");
        assert_eq!(room(Path::new(env!("CARGO_MANIFEST_DIR"))), Ok(()));
    }

    #[test]
    fn says_that_a_packs_folder_is_missing() {
        let finding = packs(Path::new("/nowhere/at/all"));

        assert_eq!(
            (finding.ok, finding.problem.as_deref()),
            (false, Some("there is no such folder"))
        );
    }
}
