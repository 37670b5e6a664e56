//! The loops of the workflow role. What a step is, is elsewhere.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, BusError, News, TaskChange, TasksChanged, WorkflowsRequested};
use executions::{Executions, PackFolders};
use futures::FutureExt;
use lifecycle::{Clock, OnError, Shutdown, Tasks};
use model::{ExecutionId, IdSource, RunnerInfo};
use secrets::Vault;
use store::{Kind, Store};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::definitions::Definitions;
use crate::desk::{Desk, Grip};
use crate::effects::Event;
use crate::options::WorkflowOptions;
use crate::surroundings::{Bench, chain};
use crate::{keeper, metrics, step, takeover};

/// Messages taken at once.
const MESSAGES_TOGETHER: usize = 64;
/// How long to wait before a claim is tried again.
const PAUSE: Duration = Duration::from_millis(200);

/// What the workflow role works with.
#[derive(Debug, Clone)]
pub struct WorkflowResources {
    /// Where workflows are stored.
    pub store: Store,
    /// Where they are heard of.
    pub bus: Bus,
    /// What asks for their tasks.
    pub executions: Executions,
    /// Opens and seals what is secret in them.
    pub vault: Vault,
    /// The time.
    pub clock: Clock,
    /// Ids of workflows and tasks.
    pub ids: Arc<IdSource>,
}

/// Starts a workflow role under `tasks`. Any number may run, in any number of processes.
///
/// When draining begins nothing is taken on any more; what is known by then is stored, and the workflows are given back for
/// others to conduct.
pub fn start(resources: WorkflowResources, tasks: &Tasks, options: WorkflowOptions) {
    metrics::create();
    let info = runner_info();
    let holder = format!(
        "{}:{}:{:08x}",
        info.hostname,
        info.pid,
        rand::random::<u32>()
    );
    let WorkflowResources {
        store,
        bus,
        executions,
        vault,
        clock,
        ids,
    } = resources;
    let bench = Bench {
        definitions: Definitions::new(PackFolders::new(store.clone())),
        store,
        executions,
        vault,
        clock,
        ids,
        options,
        info,
        holder,
        shutdown: tasks.shutdown().clone(),
    };
    let service = Service {
        bench: Arc::new(bench),
        desk: Arc::default(),
        bus,
        tasks: tasks.clone(),
        done: CancellationToken::new(),
    };
    service.start();
}

#[derive(Debug, Clone)]
struct Service {
    bench: Arc<Bench>,
    desk: Arc<Desk>,
    bus: Bus,
    tasks: Tasks,
    /// Pulled when nothing is held any more and nothing will be.
    done: CancellationToken,
}

impl Service {
    fn start(self) {
        self.task("workflow: requests", Service::take_requests);
        self.task("workflow: tasks", Service::hear_tasks);
        self.task("workflow: news", Service::hear_news);
        self.task("workflow: sweep", Service::sweep);
        self.task("workflow: leases", Service::keep_leases);
        for _ in 0..self.bench.options.lanes.max(1) {
            self.task("workflow: steps", Service::take_steps);
        }
        self.task("workflow: drain", Service::drain);
    }

    fn task<F>(&self, name: &'static str, make: impl Fn(Self) -> F + Send + 'static)
    where
        F: Future<Output = Result<(), BusError>> + Send + 'static,
    {
        let service = self.clone();
        self.tasks
            .start(name, OnError::Restart, move || make(service.clone()));
    }

    fn shutdown(&self) -> &Shutdown {
        self.tasks.shutdown()
    }

    /// Wins workflows that were requested, until draining begins.
    async fn take_requests(self) -> Result<(), BusError> {
        let prefetch = self.bench.options.prefetch;
        let mut worker = self.bus.work::<WorkflowsRequested>(prefetch).await?;
        tracing::info!(holder = self.bench.holder, "the workflow role is ready");
        loop {
            self.wait_for_room().await;
            let batch = tokio::select! {
                () = self.shutdown().draining() => return Ok(()),
                batch = worker.next_batch(MESSAGES_TOGETHER) => batch,
            };
            if batch.is_empty() {
                self.shutdown().draining().await;
                return Ok(());
            }
            let executions = batch
                .iter()
                .flat_map(|delivery| &delivery.message.executions);
            let now = self.bench.clock.now();
            let (due, delayed): (Vec<_>, Vec<_>) =
                executions.partition(|one| takeover::is_due(one, now));
            let ids = due.into_iter().map(|one| one.id).collect();
            if self.claim(ids).await.is_none() {
                return Ok(());
            }
            for execution in delayed {
                takeover::postpone(&self.bench, execution).await;
            }
            for delivery in batch {
                delivery.done();
            }
        }
    }

    /// Wins what can be won of `ids`, however long the database is away; none once draining began.
    async fn claim(&self, ids: Vec<ExecutionId>) -> Option<std::collections::HashSet<ExecutionId>> {
        loop {
            match takeover::claim(&self.bench, &self.desk, ids.clone()).await {
                Ok(won) => return Some(won),
                Err(error) => tracing::warn!(
                    workflows = ids.len(),
                    "workflows were not claimed: {}",
                    chain(&error)
                ),
            }
            if !self.shutdown().sleep(PAUSE).await {
                return None;
            }
        }
    }

    /// Hears what has become of tasks, until draining begins.
    async fn hear_tasks(self) -> Result<(), BusError> {
        let prefetch = self.bench.options.prefetch;
        let mut worker = self.bus.work::<TasksChanged>(prefetch).await?;
        loop {
            self.wait_for_room().await;
            let batch = tokio::select! {
                () = self.shutdown().draining() => return Ok(()),
                batch = worker.next_batch(MESSAGES_TOGETHER) => batch,
            };
            if batch.is_empty() {
                self.shutdown().draining().await;
                return Ok(());
            }
            let mut deliveries = Vec::with_capacity(batch.len());
            let mut changes = Vec::new();
            for mut delivery in batch {
                changes.append(&mut delivery.message.changes);
                deliveries.push(delivery);
            }
            let elsewhere = self.tell_here(changes);
            if !self.tell_elsewhere(elsewhere).await {
                return Ok(());
            }
            deliveries.into_iter().for_each(bus::Delivery::done);
        }
    }

    /// Tells the workflows that are held here; what is for others is given back.
    fn tell_here(&self, changes: Vec<TaskChange>) -> Vec<TaskChange> {
        let mut elsewhere = Vec::new();
        for change in changes {
            if !self
                .desk
                .tell(change.workflow, Event::Changed(Box::new(change.clone())))
            {
                elsewhere.push(change);
            }
        }
        elsewhere
    }

    /// Takes workflows up that nobody holds, and lets those hear that do hold theirs. False once draining began.
    async fn tell_elsewhere(&self, changes: Vec<TaskChange>) -> bool {
        if changes.is_empty() {
            return true;
        }
        let mut ids: Vec<ExecutionId> = changes.iter().map(|change| change.workflow).collect();
        ids.sort_unstable();
        ids.dedup();
        // A workflow that is taken up looks for itself what has become of its tasks.
        let Some(won) = self.claim(ids).await else {
            return false;
        };
        let mut changes = changes;
        changes.retain(|change| !won.contains(&change.workflow));
        if !changes.is_empty() {
            self.bus.tell(News::TasksChanged(TasksChanged { changes }));
        }
        true
    }

    /// Hears what others want of workflows, and of tasks that another process was told of.
    async fn hear_news(self) -> Result<(), BusError> {
        let mut listener = self.bus.listen().await?;
        while let Some(Some(news)) = self.done.run_until_cancelled(listener.next()).await {
            match news {
                News::TasksChanged(TasksChanged { changes }) => {
                    // Whose workflow is none of ours is none of our business: everybody hears this.
                    self.tell_here(changes);
                }
                News::WorkflowWanted(wanted) => self.look(wanted.id).await,
                News::CancelWanted(wanted) => self.look(wanted.id).await,
                News::DefinitionsChanged(changed) if is_about_packs(&changed.kind) => {
                    self.bench.definitions.forget_folders();
                }
                News::Missed { .. } => {
                    self.bench.definitions.forget_folders();
                    keeper::renew(&self.bench, &self.desk).await;
                    keeper::look_for_missed(&self.bench, &self.desk).await;
                }
                News::DefinitionsChanged(_) | News::Announcement(_) => {}
            }
        }
        Ok(())
    }

    /// Looks what somebody wants of a workflow that is held here.
    async fn look(&self, id: ExecutionId) {
        if !self.desk.holds(id) {
            return;
        }
        match self.bench.executions.states(&[id]).await {
            Ok(found) => {
                for execution in found {
                    keeper::tell_state(&self.desk, id, execution.status);
                }
            }
            Err(error) => tracing::warn!(
                execution.id = %id,
                "what is wanted of a workflow was not looked up, the next renewal of its lease tells: {}",
                chain(&error)
            ),
        }
    }

    /// Takes up workflows that nobody conducts, until draining begins.
    async fn sweep(self) -> Result<(), BusError> {
        let mut looked_at = self.bench.clock.now();
        while self.shutdown().sleep(self.bench.options.sweep_every).await {
            takeover::sweep(&self.bench, &self.desk).await;
            looked_at = keeper::look_for_unheard(&self.bench, &self.desk, looked_at).await;
        }
        Ok(())
    }

    async fn keep_leases(self) -> Result<(), BusError> {
        let mut turn = tokio::time::interval(self.bench.options.renew_every);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.done.run_until_cancelled(turn.tick()).await.is_some() {
            keeper::renew(&self.bench, &self.desk).await;
        }
        Ok(())
    }

    /// Takes steps, one transaction after the other.
    async fn take_steps(self) -> Result<(), BusError> {
        let together = self.bench.options.together;
        while let Some(batch) = self
            .done
            .run_until_cancelled(self.desk.take(together))
            .await
        {
            let grips = step::grips(&batch);
            let work = Box::pin(step::step(&self.bench, &self.desk, batch));
            let work = AssertUnwindSafe(work).catch_unwind();
            if work.await.is_err() {
                self.recover(grips).await;
            }
        }
        Ok(())
    }

    /// A step broke down: its workflows are taken up again from the store, each alone; one that breaks down alone fails.
    async fn recover(&self, grips: Vec<(ExecutionId, Grip)>) {
        tracing::error!(
            workflows = grips.len(),
            "a step of workflows broke down: the log has the details"
        );
        let alone = grips.len() == 1;
        for (id, grip) in grips {
            if !self.desk.drop_taken(id, grip) {
                continue;
            }
            if alone {
                step::fail_broken(&self.bench, id).await;
            } else {
                self.desk.suspect([id]);
                if let Err(error) = self
                    .bench
                    .store
                    .release_workflows(&[id], &self.bench.holder)
                    .await
                {
                    tracing::warn!(execution.id = %id, "a lease was not given back: {}", chain(&error));
                }
            }
        }
        takeover::sweep(&self.bench, &self.desk).await;
    }

    /// Lets what is known be stored once draining begins, and gives all workflows back.
    async fn drain(self) -> Result<(), BusError> {
        self.shutdown().draining().await;
        tokio::select! {
            () = self.desk.quiet() => {}
            () = self.shutdown().stopping() => {}
        }
        self.done.cancel();
        let ids = self.desk.ids();
        if !ids.is_empty() {
            match self
                .bench
                .store
                .release_workflows(&ids, &self.bench.holder)
                .await
            {
                Ok(()) => self.hand_over(&ids).await,
                Err(error) => tracing::warn!(
                    workflows = ids.len(),
                    "leases were not given back, they run out: {}",
                    chain(&error)
                ),
            }
            self.desk.forget(ids);
        }
        Ok(())
    }

    /// Says that workflows want another conductor.
    async fn hand_over(&self, ids: &[ExecutionId]) {
        if let Ok(executions) = self.bench.executions.states(ids).await
            && !executions.is_empty()
        {
            self.bus.announce(WorkflowsRequested { executions });
        }
    }

    /// Waits while more is to be told than is good.
    async fn wait_for_room(&self) {
        while self.desk.waiting() > self.bench.options.backlog
            && self.shutdown().sleep(Duration::from_millis(5)).await
        {}
    }
}

fn is_about_packs(kind: &str) -> bool {
    serde_json::to_value(Kind::Pack).is_ok_and(|name| name == kind)
}

/// Machine and process, as executions show them.
fn runner_info() -> RunnerInfo {
    let hostname = nix::unistd::gethostname().map_or_else(
        |_| "localhost".into(),
        |name| name.to_string_lossy().into_owned(),
    );
    RunnerInfo {
        hostname,
        pid: std::process::id(),
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
