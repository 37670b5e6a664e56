//! Which sensors run here: those that are wanted, and whose lease this process holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use bus::{Listener, News};
use chrono::{DateTime, Utc};
use futures::future::join_all;
use lifecycle::{Shutdown, Tasks};
use model::SensorStatus;
use parking_lot::Mutex;
use store::{Kind, Revision, StoreError};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::balance::{LEASES, Standing, membership};
use crate::installation::{Installation, outdated};
use crate::keeper::{Keeper, Orders};
use crate::report::Report;
use crate::service::SensorResources;
use crate::wanted::{self, AllWanted, Reading, Wanted};
use crate::workshop::Workshop;
use crate::{Partition, SensorOptions};

/// How long leases that nobody holds any more are kept.
const KEPT_LEASES: Duration = Duration::from_mins(10);

/// Where the sensors of a process are kept.
#[derive(Debug)]
pub(crate) struct Roster {
    resources: SensorResources,
    options: Arc<SensorOptions>,
    tasks: Tasks,
    holder: String,
    hostname: String,
    wanted: AllWanted,
    /// What was said already of configurations that make no sense.
    oddities: BTreeSet<String>,
    /// The revisions that `wanted` was read at, and when.
    seen: Option<([Revision; 4], Instant)>,
    kept: BTreeMap<String, Kept>,
    workshop: Arc<Workshop>,
    /// When the virtualenvs that sensors run from were looked at.
    checked: Instant,
    /// Until when all of `kept` are ours.
    tenure: watch::Sender<DateTime<Utc>>,
}

/// A sensor that runs here, or is about to end.
#[derive(Debug)]
struct Kept {
    wanted: Wanted,
    orders: Orders,
    report: Arc<Report>,
    ended: CancellationToken,
    /// The virtualenv that it runs from.
    installation: Arc<Mutex<Option<Installation>>>,
    /// Another process is to have it.
    is_given_up: bool,
}

impl Roster {
    pub(crate) fn new(
        resources: SensorResources,
        options: Arc<SensorOptions>,
        tasks: Tasks,
    ) -> Self {
        let hostname = nix::unistd::gethostname().map_or_else(
            |_| "localhost".into(),
            |name| name.to_string_lossy().into_owned(),
        );
        let (pid, start) = (std::process::id(), rand::random::<u32>());
        Self {
            holder: format!("{hostname}:{pid}:{start:08x}"),
            hostname,
            resources,
            tasks,
            wanted: AllWanted::new(),
            oddities: BTreeSet::new(),
            seen: None,
            kept: BTreeMap::new(),
            workshop: Arc::new(Workshop::new(&options)),
            checked: Instant::now(),
            tenure: watch::Sender::new(DateTime::UNIX_EPOCH),
            options,
        }
    }

    /// Until the process drains; then all sensors are ended, and given to others.
    pub(crate) async fn run(&mut self, shutdown: &Shutdown) {
        let mut news = self.listen().await;
        self.drop_old_leases().await;
        while !shutdown.is_draining() {
            self.look().await;
            self.check_installations().await;
            self.turn().await;
            tokio::select! {
                () = tokio::time::sleep(self.options.renew_every) => {}
                () = until_told(&mut news) => {}
                () = shutdown.draining() => {}
            }
        }
        self.end_all().await;
    }

    /// Without news, changes are seen a moment later.
    async fn listen(&self) -> Option<Listener> {
        match self.resources.bus.listen().await {
            Ok(news) => Some(news),
            Err(error) => {
                tracing::warn!("the sensors role hears no news: {error}");
                None
            }
        }
    }

    /// Reads what is wanted, where it may have changed. Files are registered without a revision: they are looked at
    /// from time to time.
    async fn look(&mut self) {
        let store = &self.resources.store;
        let kinds = [Kind::Sensor, Kind::Config, Kind::ConfigSchema, Kind::Pack];
        let read = async {
            let revisions = store.revisions(kinds).await?;
            let is_seen = self.seen.as_ref().is_some_and(|(seen, at)| {
                *seen == revisions && at.elapsed() < self.options.patience
            });
            if is_seen {
                return Ok(None);
            }
            let reading = wanted::read(store, &self.options.partition).await?;
            Ok::<_, StoreError>(Some((revisions, reading)))
        };
        match read.await {
            Ok(None) => {}
            Ok(Some((revisions, Reading { wanted, oddities }))) => {
                self.seen = Some((revisions, Instant::now()));
                for oddity in oddities.difference(&self.oddities) {
                    tracing::warn!("{oddity}");
                }
                self.oddities = oddities;
                if wanted != self.wanted {
                    self.resources.folders.forget();
                    self.wanted = wanted;
                }
            }
            Err(error) => tracing::warn!("the sensors cannot be read, those known go on: {error}"),
        }
    }

    /// Of processes that were killed; those that come back have another name.
    async fn drop_old_leases(&self) {
        let before = self.resources.clock.now() - KEPT_LEASES;
        if let Err(error) = self.resources.store.drop_old_leases(LEASES, before).await {
            tracing::warn!("old leases of sensors are left where they are: {error}");
        }
    }

    /// Ends what runs from a virtualenv that is there no more as it was; it is started again from what is there now.
    async fn check_installations(&mut self) {
        if self.checked.elapsed() < self.options.patience {
            return;
        }
        self.checked = Instant::now();
        let of = |kept: &Kept| kept.installation.lock().clone();
        let outdated = outdated(self.kept.values().filter_map(of).collect()).await;
        for (name, kept) in &self.kept {
            let is_outdated = of(kept).is_some_and(|one| outdated.contains(&one));
            if is_outdated && !kept.orders.stop.is_cancelled() {
                tracing::info!(
                    sensor.ref = name,
                    "the pack's virtualenv has changed: the sensor is started anew"
                );
                kept.orders.stop.cancel();
            }
        }
    }

    /// Ends what is not wanted any more, renews and takes leases, starts what is ours now.
    async fn turn(&mut self) {
        for (name, kept) in &self.kept {
            if self.wanted.get(name) != Some(&kept.wanted) {
                kept.orders.stop.cancel();
            }
        }
        // What ends meanwhile has something to say yet.
        let ended = self.ended();
        if self.store_statuses().await {
            self.drop_ended(ended).await;
        }
        let standing = match self.standing().await {
            Ok(standing) => standing,
            Err(error) => {
                tracing::warn!("who holds which sensor cannot be read: {error}");
                return;
            }
        };
        match self.renew(self.names(standing.as_ref())).await {
            Ok((until, held)) => {
                self.give_up_lost(&held);
                self.tenure.send_replace(until);
                self.start_missing(&held);
                if let Some(standing) = standing {
                    self.give_up_excess(&standing);
                }
            }
            Err(error) => tracing::warn!("the leases of sensors cannot be renewed: {error}"),
        }
    }

    /// `None` where this process runs what it was told to, whatever others do, or does not know yet what is wanted.
    async fn standing(&self) -> Result<Option<Standing>, StoreError> {
        if self.options.partition != Partition::None || self.seen.is_none() {
            return Ok(None);
        }
        let now = self.resources.clock.now();
        let leases = self.resources.store.leases(LEASES, now).await?;
        let missing = self
            .wanted
            .keys()
            .filter(|name| !self.kept.contains_key(*name));
        Ok(Some(Standing::new(&self.holder, &leases, missing)))
    }

    /// The leases to take: of what has not ended yet, and of what is to run here.
    fn names(&self, standing: Option<&Standing>) -> BTreeSet<String> {
        let kept = self.kept.keys().map(|name| SensorStatus::lease(name));
        match standing {
            None => kept
                .chain(self.wanted.keys().map(|name| SensorStatus::lease(name)))
                .collect(),
            Some(standing) => kept.chain(standing.leases_to_take()).collect(),
        }
    }

    /// Takes or renews leases; says which are ours, and until when.
    async fn renew(
        &self,
        names: BTreeSet<String>,
    ) -> Result<(DateTime<Utc>, BTreeSet<String>), StoreError> {
        let now = self.resources.clock.now();
        let until = now + self.options.lease;
        if names.is_empty() {
            return Ok((until, names));
        }
        let (names, store): (Vec<String>, _) = (names.into_iter().collect(), &self.resources.store);
        let held = store.take_leases(&names, &self.holder, now, until).await?;
        Ok((until, held.into_iter().collect()))
    }

    /// Others have less to do, and nothing is free.
    fn give_up_excess(&mut self, standing: &Standing) {
        let excess = standing.excess();
        let leaving = |kept: &&mut Kept| kept.is_given_up || kept.orders.stop.is_cancelled();
        let already = self.kept.values_mut().filter(leaving).count();
        let staying = self
            .kept
            .iter_mut()
            .rev()
            .filter(|(_, kept)| !kept.orders.stop.is_cancelled());
        for (name, kept) in staying.take(excess.saturating_sub(already)) {
            tracing::info!(sensor.ref = name, "the sensor is given up: another process has less to do");
            kept.is_given_up = true;
            kept.orders.stop.cancel();
        }
    }

    /// What others run now is killed here, before the rest is told how long it may go on.
    fn give_up_lost(&self, held: &BTreeSet<String>) {
        for (name, kept) in &self.kept {
            if !held.contains(&SensorStatus::lease(name)) && !kept.orders.kill.is_cancelled() {
                tracing::warn!(
                    sensor.ref = name,
                    "another process runs the sensor now: it is ended here"
                );
                kept.orders.kill.cancel();
            }
        }
    }

    fn start_missing(&mut self, held: &BTreeSet<String>) {
        for (name, wanted) in &self.wanted {
            if !self.kept.contains_key(name) && held.contains(&SensorStatus::lease(name)) {
                self.kept.insert(name.clone(), self.start(name, wanted));
            }
        }
    }

    fn start(&self, name: &str, wanted: &Wanted) -> Kept {
        let clock = self.resources.clock.clone();
        let report = Report::new(clock, name, &self.holder, &self.hostname);
        let kept = Kept {
            wanted: wanted.clone(),
            orders: Orders::default(),
            report: Arc::new(report),
            ended: CancellationToken::new(),
            installation: Arc::default(),
            is_given_up: false,
        };
        let keeper = Keeper {
            wanted: wanted.clone(),
            resources: self.resources.clone(),
            options: Arc::clone(&self.options),
            orders: kept.orders.clone(),
            report: Arc::clone(&kept.report),
            tenure: self.tenure.subscribe(),
            workshop: Arc::clone(&self.workshop),
            installation: Arc::clone(&kept.installation),
        };
        let ended = kept.ended.clone().drop_guard();
        self.tasks.run(async move {
            let _ended = ended;
            Box::pin(keeper.keep()).await;
        });
        kept
    }

    fn ended(&self) -> Vec<String> {
        let ended = self
            .kept
            .iter()
            .filter(|(_, kept)| kept.ended.is_cancelled());
        ended.map(|(name, _)| name.clone()).collect()
    }

    /// Forgets what has ended; where nobody wants it here any more, others may have it at once.
    async fn drop_ended(&mut self, ended: Vec<String>) {
        for name in ended {
            let is_given_up = self.kept.remove(&name).is_some_and(|kept| kept.is_given_up);
            if is_given_up || !self.wanted.contains_key(&name) {
                self.release(&SensorStatus::lease(&name)).await;
            }
        }
    }

    async fn release(&self, lease: &str) {
        let store = &self.resources.store;
        if let Err(error) = store.release_lease(lease, &self.holder).await {
            tracing::warn!(lease, "the lease is left to run out: {error}");
        }
    }

    /// Of what somebody else runs now, nothing is said. False where it could not be said.
    async fn store_statuses(&self) -> bool {
        let ours = self
            .kept
            .values()
            .filter(|kept| !kept.orders.kill.is_cancelled());
        let changed: Vec<(&Kept, SensorStatus)> = ours
            .filter_map(|kept| Some((kept, kept.report.take_changed()?)))
            .collect();
        if changed.is_empty() {
            return true;
        }
        let statuses: Vec<SensorStatus> =
            changed.iter().map(|(_, status)| status.clone()).collect();
        let (store, now) = (&self.resources.store, self.resources.clock.now());
        if let Err(error) = store.save_sensor_statuses(&statuses, now).await {
            tracing::warn!("what sensors do cannot be stored: {error}");
            for (kept, _) in changed {
                kept.report.put_back();
            }
            return false;
        }
        true
    }

    /// Leases are renewed meanwhile: `cleanup` may take its time, and may still dispatch.
    async fn end_all(&mut self) {
        // Nothing more falls to us.
        self.release(&membership(&self.holder)).await;
        for kept in self.kept.values() {
            kept.orders.stop.cancel();
        }
        let lease = |name: &String| SensorStatus::lease(name);
        let names: BTreeSet<String> = self.kept.keys().map(lease).collect();
        while self.kept.values().any(|kept| !kept.ended.is_cancelled()) {
            let all = join_all(self.kept.values().map(|kept| kept.ended.cancelled()));
            tokio::select! {
                _ = all => {}
                () = tokio::time::sleep(self.options.renew_every) => {
                    if let Ok((until, held)) = self.renew(names.clone()).await {
                        self.give_up_lost(&held);
                        self.tenure.send_replace(until);
                    }
                }
            }
        }
        self.store_statuses().await;
        // Also what was never started here.
        let names: Vec<String> = self
            .wanted
            .keys()
            .chain(self.kept.keys())
            .cloned()
            .collect();
        for name in names.into_iter().collect::<BTreeSet<_>>() {
            self.release(&SensorStatus::lease(&name)).await;
        }
        self.kept.clear();
    }
}

/// Resolves when something was said that may change what is to run.
async fn until_told(news: &mut Option<Listener>) {
    while let Some(listener) = news {
        match listener.next().await {
            Some(News::DefinitionsChanged(change))
                if matches!(
                    change.kind.as_str(),
                    "sensor" | "pack" | "config" | "config_schema"
                ) =>
            {
                return;
            }
            Some(News::Missed { .. }) => return,
            Some(_) => {}
            None => *news = None,
        }
    }
    std::future::pending::<()>().await;
}
