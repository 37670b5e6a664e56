//! The action runner's loop: fetch, claim, run, hand in. Whatever has an `if` about executions is elsewhere.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bus::{Bus, BusError, Delivery, ExecutionsRequested, Worker};
use executions::{Executions, Outcome};
use futures::FutureExt;
use lifecycle::{Clock, OnError, Shutdown, Tasks};
use model::Execution;
use store::Store;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::backlog::{Backlog, NOOP};
use crate::claim::Claimer;
use crate::held::{Held, Signal, Wanted};
use crate::http::HttpClients;
use crate::identity::{current_user, holder, runner_info};
use crate::options::RunnerOptions;
use crate::output::{self, OutputSource};
use crate::packs::PackFolders;
use crate::python::Parents;
use crate::run::{Workbench, failed, noop};
use crate::{finisher, keeper, metrics};

/// Ends on their way to the store.
const ENDS_IN_FLIGHT: usize = 1000;
/// Messages taken at once.
const MESSAGES_TOGETHER: usize = 64;

/// Starts an action runner under `tasks`.
///
/// When draining begins it claims nothing any more and lets what runs come to its end; when stopping begins it kills
/// what still runs, which ends as `abandoned` with that reason.
pub fn start(
    store: Store,
    bus: Bus,
    executions: Executions,
    clock: Clock,
    tasks: &Tasks,
    options: RunnerOptions,
) {
    metrics::create();
    let (output, source) = output::channel();
    let (ended, ends) = mpsc::channel(ENDS_IN_FLIGHT);
    let bench = Workbench {
        packs: PackFolders::new(store.clone()),
        http: HttpClients::default(),
        python: Parents::new(options.clone()),
        user: current_user(),
        info: runner_info(),
        store,
        executions,
        clock,
        options,
        output,
    };
    let (held, holder, bench) = (Held::new(), holder(&bench.info), Arc::new(bench));
    let service = Service {
        permits: Arc::new(Semaphore::new(bench.options.max_concurrent)),
        claimer: Claimer {
            bench: Arc::clone(&bench),
            bus: bus.clone(),
            held: held.clone(),
            holder,
        },
        bench,
        bus,
        held,
        ended,
        tasks: tasks.clone(),
        done: CancellationToken::new(),
    };
    service.start_helpers(ends, source);
    tasks.start("action runner", OnError::Restart, move || {
        service.clone().run()
    });
}

#[derive(Clone)]
struct Service {
    bench: Arc<Workbench>,
    claimer: Claimer,
    bus: Bus,
    held: Held,
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
                let work = Box::pin(finisher::finish_all(
                    &mut ends,
                    &service.bench.executions,
                    &service.held,
                ));
                service.done.run_until_cancelled(work).await;
                Ok(())
            }
        });
        self.helper("action runner: output", move |service| {
            let source = Arc::clone(&source);
            async move {
                let (mut source, bench) = (source.lock().await, &service.bench);
                let work = output::write_output(
                    &mut source,
                    &bench.store,
                    &service.bus,
                    bench.options.output_every,
                );
                service.done.run_until_cancelled(work).await;
                Ok(())
            }
        });
        self.helper("action runner: leases", |service| async move {
            let (bench, holder) = (&service.bench, &service.claimer.holder);
            let times = (bench.options.lease, bench.options.renew_every);
            keeper::keep_leases(
                &bench.store,
                &bench.clock,
                &service.held,
                holder,
                times,
                &service.done,
            )
            .await;
            Ok(())
        });
        self.helper("action runner: warm Pythons", |service| async move {
            service.bench.python.tend(&service.done).await;
            Ok(())
        });
        self.helper("action runner: news", |service| async move {
            keeper::hear_news(
                &service.bus,
                &service.held,
                &service.bench.packs,
                &service.done,
            )
            .await
        });
    }

    fn helper<M, F>(&self, name: &'static str, make: M)
    where
        M: Fn(Self) -> F + Send + 'static,
        F: Future<Output = Result<(), BusError>> + Send + 'static,
    {
        let service = self.clone();
        self.tasks
            .start(name, OnError::Restart, move || make(service.clone()));
    }

    async fn run(self) -> Result<(), BusError> {
        let shutdown = self.tasks.shutdown().clone();
        let mut worker = self
            .bus
            .work::<ExecutionsRequested>(self.bench.options.prefetch)
            .await?;
        tracing::info!(holder = self.claimer.holder, "the action runner is ready");
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
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.draining() => return,
                batch = worker.next_batch(MESSAGES_TOGETHER), if backlog.len() < options.backlog => {
                    if batch.is_empty() {
                        // The bus is closed for good.
                        return shutdown.draining().await;
                    }
                    self.take_in(batch, &mut backlog).await;
                }
                permit = self.permits.acquire(), if backlog.len() > 0 => drop(permit),
                _ = sweep.tick(), if backlog.len() == 0 && self.permits.available_permits() > 0 => {
                    // All of these are due.
                    backlog.push(self.claimer.unclaimed().await, None, self.bench.clock.now());
                }
            }
            self.take_turn(&mut backlog, shutdown).await;
        }
    }

    async fn take_in(
        &self,
        batch: Vec<Delivery<ExecutionsRequested>>,
        backlog: &mut Backlog<Delivery<ExecutionsRequested>>,
    ) {
        for mut delivery in batch {
            let executions = std::mem::take(&mut delivery.message.executions);
            let delayed = backlog.push(executions, Some(delivery), self.bench.clock.now());
            self.claimer.postpone(delayed).await;
        }
    }

    /// Claims and starts what can be started now.
    async fn take_turn(
        &self,
        backlog: &mut Backlog<Delivery<ExecutionsRequested>>,
        shutdown: &Shutdown,
    ) {
        let mut permits = Vec::new();
        while permits.len() < backlog.len() {
            match Arc::clone(&self.permits).try_acquire_owned() {
                Ok(permit) => permits.push(permit),
                Err(_) => break,
            }
        }
        let turn = backlog.next_turn(permits.len());
        let Some(won) = self.claimer.claim(turn.executions, shutdown).await else {
            return;
        };
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

    fn start_run(&self, execution: Execution, signal: Signal, permit: OwnedSemaphorePermit) {
        let span = tracing::info_span!(
            "action_runner.execution.run",
            execution.id = %execution.id,
            action.ref = %execution.action_ref,
        );
        self.tasks.run(
            self.clone()
                .run_one(execution, signal, permit)
                .instrument(span),
        );
    }

    async fn run_one(self, execution: Execution, mut signal: Signal, permit: OwnedSemaphorePermit) {
        let copy = execution.clone();
        let run =
            AssertUnwindSafe(Box::pin(self.bench.carry_out(execution, &mut signal))).catch_unwind();
        let outcome = run.await.unwrap_or_else(|_| {
            Some(failed(
                copy.clone(),
                "the runner failed internally: its log has the details",
            ))
        });
        drop(permit);
        if let Some(outcome) = outcome {
            tracing::debug!(execution.status = %outcome.status, "the execution has ended");
            self.hand_in(outcome).await;
        } else {
            tracing::warn!("the execution was ended by somebody else: its outcome is dropped");
            self.held.forget([copy.id]);
        }
    }

    async fn hand_in(&self, outcome: Outcome) {
        if let Err(unsent) = self.ended.send(outcome).await {
            // Only after the results task has ended, when the process is stopping: the lease ends by itself.
            self.held.forget([unsent.0.execution.id]);
        }
    }
}

#[cfg(test)]
mod tests;
