//! Which tasks each role has.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use action_runner::{PythonLimits, PythonOptions, RunnerOptions};
use anyhow::Context;
use api::{Api, ApiOptions, ApiParts};
use auth::Authenticator;
use executions::PackFolders;
use lifecycle::{OnError, Tasks};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use python_worker::Pythons;
use rules_engine::{RulesEngine, RulesOptions, RulesResources};
use scheduler::SchedulerOptions;
use sensor::{SensorOptions, SensorResources, Sensors};
use tokio::net::TcpListener;
use workflow::{WorkflowOptions, WorkflowResources};

use crate::args::Role;
use crate::configuration::{Configuration, RetentionDays};
use crate::server::patience::patiently;
use crate::server::{Ground, st2_folders, system_packs};

/// How often observations are folded together.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// Starts the tasks of every role of this process, the API last: once it answers, everything works. Its addresses are
/// taken first: who cannot have them does not begin any work.
pub(crate) async fn start(
    configuration: &Configuration,
    ground: Ground,
    tasks: &Tasks,
) -> anyhow::Result<()> {
    let serves = configuration.roles.contains(&Role::Api);
    let listeners = if serves {
        listen(&configuration.listen).await?
    } else {
        Vec::new()
    };
    // Before any role makes its metrics.
    let metrics = record_metrics(tasks)?;
    api::describe_metrics();
    if let Some(root) = &configuration.st2_folders {
        st2_folders::keep(root, &configuration.data_dir, &ground.store, tasks);
    }
    for role in configuration
        .roles
        .iter()
        .filter(|role| **role != Role::Api)
    {
        start_one(*role, configuration, &ground, tasks).await?;
    }
    if serves {
        start_api(configuration, listeners, ground, metrics, tasks);
    }
    Ok(())
}

async fn listen(addresses: &[SocketAddr]) -> anyhow::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    for address in addresses {
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!(
                "{address} cannot be listened on: stop whatever uses it, or give another --listen"
            )
        })?;
        listeners.push(listener);
    }
    Ok(listeners)
}

async fn start_one(
    role: Role,
    configuration: &Configuration,
    ground: &Ground,
    tasks: &Tasks,
) -> anyhow::Result<()> {
    let Ground {
        store,
        bus,
        clock,
        intake,
        executions,
        ..
    } = ground.clone();
    match role {
        Role::Api => {}
        Role::Sensors => {
            let (ids, vault) = (ground.ids.clone(), ground.vault.clone());
            let resources = SensorResources {
                folders: PackFolders::new(store.clone()),
                store,
                bus,
                intake,
                executions,
                vault,
                clock,
                ids,
            };
            Sensors::new(resources, sensor_options(configuration)).start(tasks);
        }
        Role::Rules => {
            let (ids, vault) = (ground.ids.clone(), ground.vault.clone());
            let resources = RulesResources {
                store,
                bus,
                clock,
                ids,
                vault,
                executions,
            };
            let start = || async {
                Ok(RulesEngine::start(resources.clone(), tasks, RulesOptions::default()).await?)
            };
            patiently("the rules engine", start).await?;
        }
        Role::Scheduler => {
            let options = scheduler_options(configuration.retention);
            scheduler::start(store, bus, executions, intake, clock, tasks, options);
        }
        Role::Workflow => {
            let (ids, vault) = (ground.ids.clone(), ground.vault.clone());
            let resources = WorkflowResources {
                store,
                bus,
                executions,
                vault,
                clock,
                ids,
            };
            workflow::start(resources, tasks, workflow_options(configuration));
        }
        Role::Runner => action_runner::start(
            store,
            bus,
            executions,
            clock,
            tasks,
            runner_options(configuration),
        ),
    }
    tracing::info!("role {} runs", role.name());
    Ok(())
}

fn start_api(
    configuration: &Configuration,
    listeners: Vec<TcpListener>,
    ground: Ground,
    metrics: PrometheusHandle,
    tasks: &Tasks,
) {
    let api = api_of(configuration, ground, metrics, tasks);
    let (shutdown, listeners) = (
        tasks.shutdown().clone(),
        std::sync::Mutex::new(Some(listeners)),
    );
    tasks.start("api", OnError::StopProcess, move || {
        let (api, shutdown) = (api.clone(), shutdown.clone());
        let listeners = listeners
            .lock()
            .ok()
            .and_then(|mut listeners| listeners.take())
            .unwrap_or_default();
        async move { api::serve(api, listeners, &shutdown).await }
    });
    for address in &configuration.listen {
        tracing::info!("Petrel answers at http://{address}");
    }
}

fn api_of(
    configuration: &Configuration,
    ground: Ground,
    metrics: PrometheusHandle,
    tasks: &Tasks,
) -> Api {
    let Ground {
        store,
        bus,
        clock,
        ids,
        vault,
        intake,
        executions,
    } = ground;
    let authenticator = if configuration.insecure_no_auth {
        Authenticator::Insecure {
            user: current_user(),
        }
    } else {
        Authenticator::Closed
    };
    let options = ApiOptions {
        web_url: url(configuration.listen.first()),
        pack_folders: configuration.packs.clone(),
        system_packs: Some(system_packs::folder(&configuration.data_dir)),
        config_folder: Some(configs_folder(configuration)),
        installed_packs: Some(installed_packs_folder(configuration)),
        pack_indexes: configuration.pack_indexes.clone(),
        ..ApiOptions::default()
    };
    let shutdown = tasks.shutdown().clone();
    let metrics = Some(metrics);
    Api::new(ApiParts {
        store,
        bus,
        clock,
        ids,
        vault,
        executions,
        intake,
        authenticator,
        shutdown,
        metrics,
        options,
    })
}

fn record_metrics(tasks: &Tasks) -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .install_recorder()
        .context("metrics cannot be recorded")?;
    let (upkept, shutdown) = (handle.clone(), tasks.shutdown().clone());
    tasks.start("metrics.upkeep", OnError::Restart, move || {
        let (handle, shutdown) = (upkept.clone(), shutdown.clone());
        async move {
            // Else what was observed piles up until somebody reads it.
            while shutdown.sleep(METRICS_UPKEEP).await {
                handle.run_upkeep();
            }
            Ok::<(), std::convert::Infallible>(())
        }
    });
    Ok(handle)
}

fn runner_options(configuration: &Configuration) -> RunnerOptions {
    let defaults = RunnerOptions::default();
    RunnerOptions {
        max_concurrent: configuration
            .concurrency
            .map_or(defaults.max_concurrent, NonZeroUsize::get),
        api_url: Some(api_url(configuration)),
        python: python_options(configuration),
        revisions: configuration.data_dir.join("revisions"),
        ..defaults
    }
}

fn python_options(configuration: &Configuration) -> PythonOptions {
    let settings = configuration.python;
    let defaults = PythonOptions::in_folder(&configuration.data_dir);
    PythonOptions {
        max_parents: settings
            .max_parents
            .map_or(defaults.max_parents, NonZeroUsize::get),
        idle: settings.idle_seconds.map_or(defaults.idle, |seconds| {
            Duration::from_secs(seconds.get().into())
        }),
        limits: PythonLimits {
            memory_mib: settings.max_memory_mib,
            cpu_seconds: settings.max_cpu_seconds,
            open_files: settings.max_open_files,
            processes: settings.max_processes,
        },
        ..defaults
    }
}

fn sensor_options(configuration: &Configuration) -> SensorOptions {
    SensorOptions {
        pythons: Pythons::in_folder(&configuration.data_dir),
        api_url: Some(api_url(configuration)),
        partition: configuration.partition.clone(),
        ..SensorOptions::default()
    }
}

fn workflow_options(configuration: &Configuration) -> WorkflowOptions {
    let (defaults, limits) = (WorkflowOptions::default(), configuration.workflow);
    WorkflowOptions {
        max_task_runs: limits
            .max_task_runs
            .map_or(defaults.max_task_runs, NonZeroUsize::get),
        max_depth: limits
            .max_depth
            .map_or(defaults.max_depth, NonZeroUsize::get),
        reevaluate: configuration.expressions.reevaluate,
        api_url: api_url(configuration),
        ..defaults
    }
}

fn scheduler_options(retention: RetentionDays) -> SchedulerOptions {
    let days =
        |days: Option<u32>| days.map(|days| Duration::from_secs(u64::from(days) * 24 * 3600));
    SchedulerOptions {
        keep_events: days(retention.events),
        keep_executions: days(retention.executions),
        keep_audit: days(retention.audit),
        ..SchedulerOptions::default()
    }
}

/// The API as actions reach it.
fn api_url(configuration: &Configuration) -> String {
    let own = || format!("{}/v1", url(configuration.listen.first()));
    configuration.api_url.clone().unwrap_or_else(own)
}

fn url(address: Option<&SocketAddr>) -> String {
    address.map_or_else(String::new, |address| format!("http://{address}"))
}

/// The user this process runs as: whom callers are taken for while nobody is asked who they are.
fn current_user() -> String {
    let user = nix::unistd::User::from_uid(nix::unistd::getuid())
        .ok()
        .flatten();
    user.map_or_else(|| "petrel".to_owned(), |user| user.name)
}

/// The folder of pack configurations, `NAME.yaml` each.
pub(crate) fn configs_folder(configuration: &Configuration) -> PathBuf {
    configuration.data_dir.join("configs")
}

/// The folder that the content of installed packs is unpacked to. It is part of what is stored of a pack, and so absolute.
fn installed_packs_folder(configuration: &Configuration) -> PathBuf {
    let folder = configuration.data_dir.join("packs");
    std::path::absolute(&folder).unwrap_or(folder)
}
