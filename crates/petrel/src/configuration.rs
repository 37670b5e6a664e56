//! What is in force: flags over environment over `petrel.toml` over defaults.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use bus::BusOptions;
use sensor::Partition;
use serde::Deserialize;
use store::StoreOptions;

use crate::args::{Common, LogFormat, Role, ServeArgs, ServiceArgs, StoreArgs, UpArgs};
use crate::logging::LogOptions;

/// The API's port unless said otherwise: StackStorm's, so that its client finds it.
const API_PORT: u16 = 9101;
/// Lapin complains by itself of lost connections, which the bus tells better.
const DEFAULT_LOG: &str = "info,lapin=off";
/// The ports of StackStorm's auth, API and stream services.
const ST2_PORTS: [u16; 3] = [9100, 9101, 9102];

/// `petrel.toml`. Every member is optional; unknown ones are refused.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    data_dir: Option<PathBuf>,
    database_url: Option<String>,
    broker_url: Option<String>,
    broker_prefix: Option<String>,
    key_file: Option<PathBuf>,
    listen: Option<SocketAddr>,
    st2_ports: Option<bool>,
    st2_folders: Option<PathBuf>,
    packs: Option<Vec<PathBuf>>,
    pack_indexes: Option<Vec<String>>,
    insecure_no_auth: Option<bool>,
    concurrency: Option<NonZeroUsize>,
    log: Option<String>,
    log_format: Option<LogFormat>,
    #[serde(default)]
    retention: RetentionDays,
    #[serde(default)]
    workflow: WorkflowLimits,
    #[serde(default)]
    expressions: ExpressionSettings,
    #[serde(default)]
    sensors: SensorSettings,
    #[serde(default)]
    python: PythonSettings,
}

/// Which sensors this process may run, as StackStorm's `[sensorcontainer]` says it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SensorSettings {
    /// Ranges of hashes of references: `MIN..1024|2048..MAX`.
    hash_ranges: Option<String>,
    /// References.
    only: Option<Vec<String>>,
}

impl SensorSettings {
    fn partition(&self) -> anyhow::Result<Partition> {
        match (&self.hash_ranges, &self.only) {
            (None, None) => Ok(Partition::None),
            (Some(ranges), None) => Ok(Partition::Hash(
                ranges
                    .parse()
                    .context("`hash_ranges` of `[sensors]` is not right")?,
            )),
            (None, Some(sensors)) => Ok(Partition::Listed(sensors.iter().cloned().collect())),
            (Some(_), Some(_)) => {
                bail!("`[sensors]` has both `hash_ranges` and `only`: leave one of them out")
            }
        }
    }
}

/// How Python actions run; absent members leave the defaults, or are no limit.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PythonSettings {
    /// Warm interpreters that are kept.
    pub(crate) max_parents: Option<NonZeroUsize>,
    /// A warm interpreter without executions goes after so long.
    pub(crate) idle_seconds: Option<NonZeroU32>,
    pub(crate) max_memory_mib: Option<NonZeroU32>,
    pub(crate) max_cpu_seconds: Option<NonZeroU32>,
    pub(crate) max_open_files: Option<NonZeroU32>,
    pub(crate) max_processes: Option<NonZeroU32>,
}

/// What bounds workflows that would never end; absent members leave the defaults.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkflowLimits {
    pub(crate) max_task_runs: Option<NonZeroUsize>,
    pub(crate) max_depth: Option<NonZeroUsize>,
}

/// How workflows evaluate expressions.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ExpressionSettings {
    /// Evaluate what callers give, and what expressions yield, once more, as StackStorm does.
    pub(crate) reevaluate: bool,
}

/// How many days history is kept; absent members keep it for ever.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionDays {
    pub(crate) events: Option<u32>,
    pub(crate) executions: Option<u32>,
    pub(crate) audit: Option<u32>,
}

/// Everything a process needs to know.
#[derive(Debug, Clone)]
pub(crate) struct Configuration {
    pub(crate) file: Option<PathBuf>,
    pub(crate) data_dir: PathBuf,
    pub(crate) store: StoreOptions,
    pub(crate) bus: BusOptions,
    pub(crate) key_file: PathBuf,
    pub(crate) roles: Vec<Role>,
    pub(crate) listen: Vec<SocketAddr>,
    /// How actions reach the API, if not at the first address of `listen`; empty where they must not.
    pub(crate) api_url: Option<String>,
    pub(crate) packs: Vec<PathBuf>,
    /// Where StackStorm's folders are provided as links: `/opt/stackstorm`, as packs have it written down.
    pub(crate) st2_folders: Option<PathBuf>,
    /// Indexes of packs: URLs or files, the most important first.
    pub(crate) pack_indexes: Vec<String>,
    pub(crate) insecure_no_auth: bool,
    pub(crate) concurrency: Option<NonZeroUsize>,
    pub(crate) retention: RetentionDays,
    pub(crate) workflow: WorkflowLimits,
    pub(crate) expressions: ExpressionSettings,
    pub(crate) partition: Partition,
    pub(crate) python: PythonSettings,
    pub(crate) log: LogOptions,
}

impl Configuration {
    /// For `petrel up`: every role, embedded unless a database is named.
    pub(crate) fn for_up(common: &Common, args: &UpArgs) -> anyhow::Result<Self> {
        let sources = Sources::read(common)?;
        let mut configuration = sources.common(common, &args.store, &args.service)?;
        configuration.roles = Role::ALL.to_vec();
        configuration.check_authentication()?;
        Ok(configuration)
    }

    /// For `petrel serve`: the roles that are named, on a broker if there is one.
    pub(crate) fn for_serve(common: &Common, args: &ServeArgs) -> anyhow::Result<Self> {
        let sources = Sources::read(common)?;
        let mut configuration = sources.common(common, &args.store, &args.service)?;
        configuration.roles.clone_from(&args.roles);
        let Some(url) = args.broker_url.clone().or(sources.file.broker_url.clone()) else {
            bail!("`petrel serve` needs a message broker: give --broker-url or PETREL_BROKER_URL");
        };
        if matches!(configuration.store, StoreOptions::Sqlite { .. }) {
            bail!(
                "`petrel serve` needs a database that machines share: give --database-url or PETREL_DATABASE_URL"
            );
        }
        let prefix = args
            .broker_prefix
            .clone()
            .or(sources.file.broker_prefix.clone());
        configuration.bus = BusOptions::Amqp {
            url,
            prefix: prefix.unwrap_or_else(|| "petrel".to_owned()),
            connect_deadline: None,
        };
        if configuration.roles.contains(&Role::Api) {
            configuration.check_authentication()?;
        }
        Ok(configuration)
    }

    /// For `petrel migrate` and `petrel pack register`: the store alone.
    pub(crate) fn for_migrate(common: &Common, args: &StoreArgs) -> anyhow::Result<Self> {
        Sources::read(common)?.common(common, args, &ServiceArgs::default())
    }

    /// For `petrel doctor`: whatever is there, unchecked.
    pub(crate) fn for_doctor(
        common: &Common,
        store: &StoreArgs,
        service: &ServiceArgs,
        broker: Option<&str>,
    ) -> anyhow::Result<Self> {
        let sources = Sources::read(common)?;
        let mut configuration = sources.common(common, store, service)?;
        if let Some(url) = broker
            .map(str::to_owned)
            .or(sources.file.broker_url.clone())
        {
            configuration.bus = BusOptions::Amqp {
                url,
                prefix: "petrel".to_owned(),
                connect_deadline: Some(std::time::Duration::ZERO),
            };
        }
        Ok(configuration)
    }

    /// Refuses to serve strangers.
    pub(crate) fn check_authentication(&self) -> anyhow::Result<()> {
        if !self.insecure_no_auth {
            bail!(
                "this version cannot authenticate yet: start with --insecure-no-auth, which serves whoever reaches \
                 the address without asking, and therefore only on a loopback address"
            );
        }
        match self
            .listen
            .iter()
            .find(|address| !address.ip().is_loopback())
        {
            Some(address) => bail!(
                "--insecure-no-auth serves only loopback addresses, and {address} is none: listen on 127.0.0.1"
            ),
            None => Ok(()),
        }
    }
}

/// The configuration file, and where it was found.
struct Sources {
    path: Option<PathBuf>,
    file: Settings,
}

impl Sources {
    fn read(common: &Common) -> anyhow::Result<Self> {
        let path = match &common.config {
            Some(path) => Some(path.clone()),
            None => [
                Path::new("petrel.toml"),
                Path::new("/etc/petrel/petrel.toml"),
            ]
            .into_iter()
            .find(|path| path.is_file())
            .map(Path::to_owned),
        };
        let file = match &path {
            None => Settings::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| {
                    format!("configuration file `{}` cannot be read", path.display())
                })?;
                toml::from_str(&text).with_context(|| {
                    format!("configuration file `{}` is not right", path.display())
                })?
            }
        };
        Ok(Self { path, file })
    }

    fn common(
        &self,
        common: &Common,
        store: &StoreArgs,
        service: &ServiceArgs,
    ) -> anyhow::Result<Configuration> {
        let file = &self.file;
        let data_dir = match store.data_dir.clone().or(file.data_dir.clone()) {
            Some(folder) => folder,
            None => default_data_dir()?,
        };
        if let Some(folder) = file
            .st2_folders
            .as_ref()
            .filter(|folder| folder.is_relative())
        {
            bail!(
                "`st2_folders` is `{}`, and needs a whole path, such as `/opt/stackstorm`",
                folder.display()
            );
        }
        // Others find it who work in other folders: those that build virtualenvs, actions, tests of packs.
        let data_dir = std::path::absolute(data_dir)?;
        let database_url = store.database_url.clone().or(file.database_url.clone());
        let listen = service
            .listen
            .or(file.listen)
            .unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), API_PORT));
        let packs = if service.packs.is_empty() {
            file.packs.clone().unwrap_or_default()
        } else {
            service.packs.clone()
        };
        Ok(Configuration {
            file: self.path.clone(),
            store: store_options(&data_dir, database_url)?,
            bus: BusOptions::InProcess,
            key_file: store
                .key_file
                .clone()
                .or(file.key_file.clone())
                .unwrap_or_else(|| data_dir.join("key")),
            roles: Vec::new(),
            listen: addresses(listen, service.st2_ports || file.st2_ports.unwrap_or(false)),
            api_url: None,
            packs,
            st2_folders: file.st2_folders.clone(),
            pack_indexes: file.pack_indexes.clone().unwrap_or_default(),
            insecure_no_auth: service.insecure_no_auth || file.insecure_no_auth.unwrap_or(false),
            concurrency: service.concurrency.or(file.concurrency),
            retention: file.retention,
            workflow: file.workflow,
            expressions: file.expressions,
            partition: file.sensors.partition()?,
            python: file.python,
            log: LogOptions {
                filter: common
                    .log
                    .clone()
                    .or(file.log.clone())
                    .unwrap_or_else(|| DEFAULT_LOG.to_owned()),
                format: common
                    .log_format
                    .or(file.log_format)
                    .unwrap_or(LogFormat::Text),
            },
            data_dir,
        })
    }
}

/// The URL itself is not told where it is wrong: it may hold a password.
fn store_options(data_dir: &Path, database_url: Option<String>) -> anyhow::Result<StoreOptions> {
    let Some(url) = database_url else {
        return Ok(StoreOptions::Sqlite {
            path: data_dir.join("petrel.db"),
        });
    };
    if !["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        bail!(
            "the database URL does not begin with `postgres://`: give one of PostgreSQL, or none for the embedded store"
        );
    }
    Ok(StoreOptions::Postgres {
        url,
        max_connections: 16,
        connect_deadline: None,
    })
}

fn addresses(listen: SocketAddr, st2_ports: bool) -> Vec<SocketAddr> {
    let mut all = vec![listen];
    if st2_ports {
        all.extend(
            ST2_PORTS
                .iter()
                .map(|port| SocketAddr::new(listen.ip(), *port))
                .filter(|other| *other != listen),
        );
    }
    all
}

fn default_data_dir() -> anyhow::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("XDG_DATA_HOME").filter(|folder| !folder.is_empty()) {
        return Ok(PathBuf::from(folder).join("petrel"));
    }
    let home = std::env::var_os("HOME")
        .context("there is no home folder: give --data-dir or PETREL_DATA_DIR")?;
    Ok(PathBuf::from(home).join(".local/share/petrel"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up(service: ServiceArgs, file: &str) -> anyhow::Result<Configuration> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("petrel.toml");
        std::fs::write(&path, file)?;
        let common = Common {
            config: Some(path),
            ..Common::default()
        };
        let store = StoreArgs {
            data_dir: Some("/data".into()),
            ..StoreArgs::default()
        };
        Configuration::for_up(&common, &UpArgs { store, service })
    }

    #[test]
    fn lets_flags_win_over_the_file() {
        let service = ServiceArgs {
            listen: Some("127.0.0.1:7000".parse().unwrap()),
            insecure_no_auth: true,
            ..ServiceArgs::default()
        };

        let configuration = up(service, "listen = '127.0.0.1:8000'\nconcurrency = 3").unwrap();

        assert_eq!(configuration.listen, ["127.0.0.1:7000".parse().unwrap()]);
        assert_eq!(configuration.concurrency, NonZeroUsize::new(3));
    }

    #[test]
    fn the_data_folder_has_its_whole_path() {
        let store = StoreArgs {
            data_dir: Some("data".into()),
            ..StoreArgs::default()
        };

        let found = Configuration::for_migrate(&Common::default(), &store).unwrap();

        assert!(found.data_dir.is_absolute(), "{:?}", found.data_dir);
        assert!(found.key_file.is_absolute(), "{:?}", found.key_file);
    }

    #[test]
    fn says_which_sensors_a_process_may_run() {
        let partition = |file: &str| {
            let service = ServiceArgs {
                insecure_no_auth: true,
                ..ServiceArgs::default()
            };
            up(service, file).map(|configuration| configuration.partition)
        };

        assert_eq!(partition("").unwrap(), Partition::None);
        let ranges = partition("[sensors]\nhash_ranges = 'MIN..1|2..MAX'").unwrap();
        assert_eq!(
            ranges,
            Partition::Hash("0..1|2..4294967296".parse().unwrap())
        );
        let listed = partition("[sensors]\nonly = ['p.Watch']").unwrap();
        assert!(listed.includes("p.Watch", "p.Watch") && !listed.includes("p.Other", "p.Other"));
        let both = partition("[sensors]\nonly = []\nhash_ranges = '0..1'").unwrap_err();
        assert!(both.to_string().contains("leave one of them out"), "{both}");
        let wrong = partition("[sensors]\nhash_ranges = '2..1'").unwrap_err();
        assert!(
            format!("{wrong:#}").contains("`2..1` is no range"),
            "{wrong:#}"
        );
    }

    #[test]
    fn refuses_what_is_no_database_and_no_whole_path() {
        let told = |file: &str| {
            let service = ServiceArgs {
                insecure_no_auth: true,
                ..ServiceArgs::default()
            };
            up(service, file).unwrap_err().to_string()
        };

        let database = told("database_url = 'mysql://petrel:secret@db/petrel'");
        assert!(
            database.contains("does not begin with `postgres://`"),
            "{database}"
        );
        assert!(!database.contains("secret"), "{database}");
        let folder = told("st2_folders = 'stackstorm'");
        assert_eq!(
            folder,
            "`st2_folders` is `stackstorm`, and needs a whole path, such as `/opt/stackstorm`"
        );
    }

    #[test]
    fn bounds_python_actions() {
        let python = |file: &str| {
            let service = ServiceArgs {
                insecure_no_auth: true,
                ..ServiceArgs::default()
            };
            up(service, file).map(|configuration| configuration.python)
        };

        let bounded = python("[python]\nmax_memory_mib = 512\nmax_parents = 4").unwrap();
        assert_eq!(bounded.max_memory_mib, NonZeroU32::new(512));
        assert_eq!(bounded.max_parents, NonZeroUsize::new(4));
        assert_eq!(bounded.max_cpu_seconds, None);
        let wrong = python("[python]\nmax_memory_mib = 0").unwrap_err();
        assert!(format!("{wrong:#}").contains("nonzero"), "{wrong:#}");
    }

    #[test]
    fn adds_the_ports_of_stackstorm() {
        let service = ServiceArgs {
            insecure_no_auth: true,
            st2_ports: true,
            ..ServiceArgs::default()
        };

        let configuration = up(service, "").unwrap();

        let mut ports: Vec<u16> = configuration.listen.iter().map(SocketAddr::port).collect();
        ports.sort_unstable();
        assert_eq!(ports, [9100, 9101, 9102]);
    }

    #[test]
    fn refuses_to_serve_strangers_without_authentication() {
        let service = ServiceArgs {
            listen: Some("0.0.0.0:9101".parse().unwrap()),
            insecure_no_auth: true,
            ..ServiceArgs::default()
        };

        let error = up(service, "").unwrap_err().to_string();

        assert_eq!(
            error,
            "--insecure-no-auth serves only loopback addresses, and 0.0.0.0:9101 is none: listen on 127.0.0.1"
        );
    }

    #[test]
    fn names_the_unknown_key_of_a_configuration_file() {
        let error = format!(
            "{:#}",
            up(ServiceArgs::default(), "lisen = '127.0.0.1:1'").unwrap_err()
        );

        assert!(error.contains("petrel.toml` is not right"), "{error}");
        assert!(error.contains("unknown field `lisen`"), "{error}");
    }
}
