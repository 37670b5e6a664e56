//! The action runner's loop: fetch, claim, run, hand in. Whatever has an `if` about executions is elsewhere.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bus::{Announcement, Bus, BusError, Delivery, ExecutionsRequested, News, Worker};
use executions::{Executions, Outcome};
use futures::FutureExt;
use lifecycle::{Clock, OnError, Shutdown, Tasks};
use model::{Execution, ExecutionId, ExecutionStatus, LogEntry, RunnerInfo};
use store::{StatusChange, Store};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::backlog::{Backlog, NOOP};
use crate::held::{Held, Signal, Wanted};
use crate::http::HttpClients;
use crate::keeper::{self, lease};
use crate::options::RunnerOptions;
use crate::output::{self, OutputSource};
use crate::packs::PackFolders;
use crate::run::{CurrentUser, Workbench, chain, failed, noop};

/// Ends on their way to the store.
const ENDS_IN_FLIGHT: usize = 1000;
/// Messages taken at once.
const MESSAGES_TOGETHER: usize = 64;

/// Starts an action runner under `tasks`.
///
/// When draining begins it claims nothing any more and lets what runs come to its end; when stopping begins it kills
/// what still runs, which ends as `abandoned` with that reason.
pub fn start(store: Store, bus: Bus, executions: Executions, clock: Clock, tasks: &Tasks, options: RunnerOptions) {
    let (output, source) = output::channel();
    let (ended, ends) = mpsc::channel(ENDS_IN_FLIGHT);
    let info = RunnerInfo { hostname: hostname(), pid: std::process::id() };
    let bench = Workbench {
        packs: PackFolders::new(store.clone()),
        http: HttpClients::default(),
        user: current_user(),
        store,
        executions,
        clock,
        options,
        output,
        info,
    };
    let service = Service {
        holder: holder(&bench.info),
        permits: Arc::new(Semaphore::new(bench.options.max_concurrent)),
        bench: Arc::new(bench),
        bus,
        held: Held::new(),
        ended,
        tasks: tasks.clone(),
        done: CancellationToken::new(),
    };
    service.start_helpers(ends, source);
    tasks.start("action runner", OnError::Restart, move || service.clone().run());
}

#[derive(Clone)]
struct Service {
    bench: Arc<Workbench>,
    bus: Bus,
    held: Held,
    holder: String,
    permits: Arc<Semaphore>,
    ended: mpsc::Sender<Outcome>,
    tasks: Tasks,
    /// Pulled when nothing runs any more and nothing will.
    done: CancellationToken,
}

impl Service {
    /// The tasks that outlive the loop: until the last end is stored.
    fn start_helpers(&self, ends: mpsc::Receiver<Outcome>, source: OutputSource) {
        let (ends, source) = (Arc::new(Mutex::new(ends)), Arc::new(Mutex::new(source)));
        self.helper("action runner: results", move |service| {
            let ends = Arc::clone(&ends);
            async move {
                let mut ends = ends.lock().await;
                let work = crate::finisher::finish_all(&mut ends, &service.bench.executions, &service.held);
                service.done.run_until_cancelled(work).await;
                Ok(())
            }
        });
        self.helper("action runner: output", move |service| {
            let source = Arc::clone(&source);
            async move {
                let (mut source, bench) = (source.lock().await, &service.bench);
                let work = output::write_output(&mut source, &bench.store, &service.bus, bench.options.output_every);
                service.done.run_until_cancelled(work).await;
                Ok(())
            }
        });
        self.helper("action runner: leases", |service| async move {
            let (bench, held) = (&service.bench, &service.held);
            let times = (bench.options.lease, bench.options.renew_every);
            keeper::keep_leases(&bench.store, &bench.clock, held, &service.holder, times, &service.done).await;
            Ok(())
        });
        self.helper("action runner: news", |service| async move {
            keeper::hear_news(&service.bus, &service.held, &service.bench.packs, &service.done).await
        });
    }

    fn helper<M, F>(&self, name: &'static str, make: M)
    where
        M: Fn(Self) -> F + Send + 'static,
        F: Future<Output = Result<(), BusError>> + Send + 'static,
    {
        let service = self.clone();
        self.tasks.start(name, OnError::Restart, move || make(service.clone()));
    }

    async fn run(self) -> Result<(), BusError> {
        let shutdown = self.tasks.shutdown().clone();
        let mut worker = self.bus.work::<ExecutionsRequested>(self.bench.options.prefetch).await?;
        tracing::info!(holder = self.holder, "the action runner is ready");
        self.serve(&mut worker, &shutdown).await;
        drop(worker);
        tokio::select! {
            () = self.held.emptied() => {}
            () = async {
                shutdown.stopping().await;
                self.held.want_of_all(Wanted::Shutdown);
                self.held.emptied().await;
            } => {}
        }
        self.done.cancel();
        Ok(())
    }

    /// Fetches and claims until draining begins.
    async fn serve(&self, worker: &mut Worker<ExecutionsRequested>, shutdown: &Shutdown) {
        let options = &self.bench.options;
        let mut backlog = Backlog::new();
        let mut sweep = tokio::time::interval(options.sweep_every);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.draining() => return,
                batch = worker.next_batch(MESSAGES_TOGETHER), if backlog.len() < options.backlog => {
                    if batch.is_empty() {
                        // The bus is closed for good.
                        shutdown.draining().await;
                        return;
                    }
                    for mut delivery in batch {
                        let executions = std::mem::take(&mut delivery.message.executions);
                        let delayed = backlog.push(executions, Some(delivery), self.bench.clock.now());
                        self.postpone(delayed).await;
                    }
                }
                permit = self.permits.acquire(), if backlog.len() > 0 => drop(permit),
                _ = sweep.tick(), if backlog.len() == 0 && self.permits.available_permits() > 0 => {
                    // All of these are due.
                    backlog.push(self.unclaimed().await, None, self.bench.clock.now());
                }
            }
            self.take_turn(&mut backlog, shutdown).await;
        }
    }

    /// Claims and starts what can be started now.
    async fn take_turn(&self, backlog: &mut Backlog<Delivery<ExecutionsRequested>>, shutdown: &Shutdown) {
        let mut permits = Vec::new();
        while permits.len() < backlog.len() {
            match Arc::clone(&self.permits).try_acquire_owned() {
                Ok(permit) => permits.push(permit),
                Err(_) => break,
            }
        }
        let turn = backlog.next_turn(permits.len());
        let Some(won) = self.claim(turn.executions, shutdown).await else { return };
        for delivery in turn.acknowledge {
            delivery.done();
        }
        let mut permits = permits.into_iter();
        for (execution, signal) in won {
            if execution.runner == NOOP {
                self.hand_in(noop(execution)).await;
            } else if let Some(permit) = permits.next() {
                self.start_run(execution, signal, permit);
            }
        }
    }

    /// Wins what can be won, and tells the streams; repeats while the database is away. `None` once draining began:
    /// then nothing was claimed and nothing may be acknowledged.
    async fn claim(&self, executions: Vec<Execution>, shutdown: &Shutdown) -> Option<Vec<(Execution, Signal)>> {
        let (held, bench) = (&self.held, &self.bench);
        let expected: Vec<Execution> = executions.into_iter().filter(|one| held.expect(one.id)).collect();
        let ids: Vec<ExecutionId> = expected.iter().map(|execution| execution.id).collect();
        if ids.is_empty() {
            return Some(Vec::new());
        }
        let mut pause = Duration::from_millis(50);
        loop {
            let now = bench.clock.now();
            let lease = lease(&self.holder, now, bench.options.lease);
            match bench.store.claim_executions(&ids, &lease, &bench.info, now).await {
                Ok(winners) => {
                    held.forget(ids.iter().copied().filter(|id| !winners.contains(id)));
                    let won = expected.into_iter().filter(|one| winners.contains(&one.id));
                    let won = won.map(|one| running(one, &lease, &bench.info, now));
                    let won: Vec<_> = won.filter_map(|one| held.confirm(one.id).map(|signal| (one, signal))).collect();
                    for (execution, _) in &won {
                        self.tell(execution.clone()).await;
                    }
                    return Some(won);
                }
                Err(error) => tracing::warn!(executions = ids.len(), "executions were not claimed: {}", chain(&error)),
            }
            if !shutdown.sleep(pause).await {
                held.forget(ids);
                return None;
            }
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    /// Marks executions as delayed; the scheduler announces them when they are due.
    async fn postpone(&self, delayed: Vec<Execution>) {
        for execution in delayed.into_iter().filter(|one| one.status == ExecutionStatus::Requested) {
            let change = StatusChange {
                id: execution.id,
                expected: vec![ExecutionStatus::Requested],
                next: ExecutionStatus::Delayed,
                at: self.bench.clock.now(),
                result: None,
            };
            match self.bench.store.change_status(&change).await {
                Ok(Some(changed)) => self.tell(changed).await,
                Ok(None) => {}
                // As `requested` it is found by a sweep once it is due.
                Err(error) => tracing::warn!(execution.id = %execution.id, "not marked as delayed: {}", chain(&error)),
            }
        }
    }

    /// Tells the streams of an execution's new state.
    async fn tell(&self, mut execution: Execution) {
        // Without its snapshot nobody knows what to mask: then nothing is told.
        if let Ok(Some(snapshot)) = self.bench.store.snapshot(&execution.snapshot).await {
            executions::mask_result(&mut execution, &snapshot);
            self.bus.tell(News::Announcement(Announcement::ExecutionUpdated(Box::new(execution))));
        }
    }

    fn start_run(&self, execution: Execution, mut signal: Signal, permit: OwnedSemaphorePermit) {
        let service = self.clone();
        let span = tracing::info_span!(
            "action_runner.execution.run",
            execution.id = %execution.id,
            action.ref = %execution.action_ref,
        );
        let run = async move {
            let copy = execution.clone();
            let run = AssertUnwindSafe(service.bench.carry_out(execution, &mut signal)).catch_unwind();
            let broken = |_| Some(failed(copy.clone(), "the runner failed internally: see its log"));
            let outcome = run.await.unwrap_or_else(broken);
            drop(permit);
            match outcome {
                Some(outcome) => {
                    tracing::debug!(execution.status = %outcome.status, "the execution has ended");
                    service.hand_in(outcome).await;
                }
                None => {
                    tracing::warn!("the execution was ended by somebody else, its outcome is dropped");
                    service.held.forget([copy.id]);
                }
            }
        };
        self.tasks.run(run.instrument(span));
    }

    async fn hand_in(&self, outcome: Outcome) {
        if let Err(unsent) = self.ended.send(outcome).await {
            // Only after the results task has ended, when the process is stopping: the lease ends by itself.
            self.held.forget([unsent.0.execution.id]);
        }
    }

    /// What nobody claimed though it could have been for a while.
    async fn unclaimed(&self) -> Vec<Execution> {
        let (bench, options) = (&self.bench, &self.bench.options);
        let before = bench.clock.now() - options.sweep_after;
        match bench.store.unclaimed_executions(before, options.sweep_limit).await {
            Ok(executions) => executions,
            Err(error) => {
                tracing::warn!("unclaimed executions were not looked for: {}", chain(&error));
                Vec::new()
            }
        }
    }
}

/// An execution as the claim has made it.
fn running(
    mut execution: Execution,
    lease: &model::Lease,
    info: &RunnerInfo,
    now: chrono::DateTime<chrono::Utc>,
) -> Execution {
    for status in [ExecutionStatus::Scheduled, ExecutionStatus::Running] {
        execution.log.push(LogEntry { timestamp: now, status });
    }
    execution.status = ExecutionStatus::Running;
    execution.lease = Some(lease.clone());
    execution.runner_info = Some(info.clone());
    execution
}

/// Unique for each start of a runner, and readable.
fn holder(info: &RunnerInfo) -> String {
    format!("{}:{}:{:08x}", info.hostname, info.pid, rand::random::<u32>())
}

fn hostname() -> String {
    nix::unistd::gethostname().map_or_else(|_| "localhost".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn current_user() -> CurrentUser {
    let id = nix::unistd::geteuid();
    let known = nix::unistd::User::from_uid(id).ok().flatten();
    CurrentUser { name: known.map_or_else(|| id.to_string(), |user| user.name), is_root: id.is_root() }
}

#[cfg(test)]
mod tests;
