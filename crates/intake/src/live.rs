//! Keeps the copy of the triggers current.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bus::{Bus, News};
use lifecycle::Shutdown;
use model::{Reference, Rule, Trigger, TriggerType};
use schema::Schema;
use serde_json::Value;
use store::{DefinitionFilter, Kind, Revision, Store, StoreError};

use crate::TriggerTable;
use crate::accept::Inner;

/// How often the revisions are compared, whatever the news say.
const POLL: Duration = Duration::from_secs(1);

/// The table with what is derived from it once.
#[derive(Debug, Default)]
pub(crate) struct Live {
    pub(crate) table: Arc<TriggerTable>,
    /// Payload schemas by type, where a type has one that can be used.
    pub(crate) schemas: HashMap<String, Schema>,
    revisions: Vec<Revision>,
}

impl Live {
    /// Reads everything.
    pub(crate) async fn load(store: &Store) -> Result<Self, StoreError> {
        // Revisions first: a change between the two reads is then seen as a change later.
        let revisions = revisions(store).await?;
        let everything = DefinitionFilter::default();
        let triggers = store.all::<Trigger>(&everything).await?;
        let types = store.all::<TriggerType>(&everything).await?;
        let rules = store.all::<Rule>(&everything).await?;
        let schemas = types.iter().filter_map(compile).collect();
        Ok(Self {
            table: Arc::new(TriggerTable::new(triggers, types, &rules)),
            schemas,
            revisions,
        })
    }
}

async fn revisions(store: &Store) -> Result<Vec<Revision>, StoreError> {
    let mut revisions = Vec::with_capacity(3);
    for kind in [Kind::Trigger, Kind::TriggerType, Kind::Rule] {
        revisions.push(store.revision(kind).await?);
    }
    Ok(revisions)
}

fn compile(kind: &TriggerType) -> Option<(String, Schema)> {
    if kind.payload_schema.is_empty() || is_emitted_by_the_engine(&kind.type_ref) {
        return None;
    }
    match Schema::compile(&Value::Object(kind.payload_schema.clone())) {
        Ok(schema) => Some((kind.type_ref.to_string(), schema)),
        Err(error) => {
            tracing::warn!(
                trigger_type.ref = %kind.type_ref,
                "the payload schema cannot be used, payloads are not checked: {error}"
            );
            None
        }
    }
}

/// As in st2 what the engine itself emits is not checked: its schemas name members without a type, which the dialect
/// takes for texts, where executions and datastore items are objects.
fn is_emitted_by_the_engine(kind: &Reference) -> bool {
    kind.pack() == "core" && kind.name().starts_with("st2.") && kind.name() != "st2.webhook"
}

impl Inner {
    /// Reads everything again if anything changed. True where it did.
    pub(crate) async fn refresh(&self) -> Result<bool, StoreError> {
        if revisions(&self.store).await? == self.live.load().revisions {
            return Ok(false);
        }
        self.live.store(Arc::new(Live::load(&self.store).await?));
        self.version.send_modify(|version| *version += 1);
        Ok(true)
    }

    /// Refreshes at news and every second, until the shutdown.
    pub(crate) async fn follow(&self, bus: &Bus, shutdown: &Shutdown) -> Result<(), bus::BusError> {
        let mut news = bus.listen().await?;
        let mut poll = tokio::time::interval(POLL);
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.draining() => return Ok(()),
                _ = poll.tick() => self.count_pending().await,
                said = news.next() => match said {
                    Some(said) if concerns(&said) => {}
                    Some(_) => continue,
                    None => return Ok(()),
                },
            }
            if let Err(error) = self.refresh().await {
                tracing::warn!("the triggers cannot be read, those known are used: {error}");
            }
        }
    }

    async fn count_pending(&self) {
        match self.store.count_pending_trigger_instances().await {
            Ok(count) => self.pending.store(count, Ordering::Relaxed),
            Err(error) => tracing::debug!("waiting trigger instances cannot be counted: {error}"),
        }
    }
}

fn concerns(news: &News) -> bool {
    match news {
        News::DefinitionsChanged(change) => matches!(
            change.kind.as_str(),
            "trigger" | "trigger_type" | "rule" | "pack"
        ),
        News::Missed { .. } => true,
        News::CancelWanted(_)
        | News::Announcement(_)
        | News::WorkflowWanted(_)
        | News::TasksChanged(_) => false,
    }
}
