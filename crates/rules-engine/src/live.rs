//! Keeps the rules in force current.

use std::sync::Arc;

use bus::News;
use expr::{Mentioned, Scope};
use model::{KeyScope, Page, Rule};
use store::{DefinitionFilter, KeyFilter, Kind, Revision, Store, StoreError};

use crate::RuleSet;
use crate::items::Items;
use crate::service::Engine;

/// The rules as of one revision.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) rules: RuleSet,
    revision: Revision,
}

impl Live {
    /// Reads and compiles the rules. `before` lends what did not change.
    pub(crate) async fn load(store: &Store, before: Option<Arc<Self>>) -> Result<Self, StoreError> {
        // The revision first: a change between the two reads is then seen as a change later.
        let revision = store.revision(Kind::Rule).await?;
        let rules = store.all::<Rule>(&DefinitionFilter::default()).await?;
        let compiled = tokio::task::spawn_blocking(move || match before {
            Some(before) => before.rules.updated(rules),
            None => RuleSet::new(rules),
        });
        match compiled.await {
            Ok(rules) => Ok(Self { rules, revision }),
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }
}

impl Engine {
    /// Reads the rules again if they changed.
    pub(crate) async fn refresh(&self) -> Result<(), StoreError> {
        let before = self.live.load_full();
        if self.store.revision(Kind::Rule).await? == before.revision {
            return Ok(());
        }
        let loaded = Arc::new(Live::load(&self.store, Some(before)).await?);
        tracing::debug!(rules = loaded.rules.len(), "the rules have changed");
        // Two refreshes can cross; the newer one stays.
        self.live.rcu(|current| {
            if current.revision > loaded.revision {
                Arc::clone(current)
            } else {
                Arc::clone(&loaded)
            }
        });
        Ok(())
    }

    /// Refreshes at news and at every poll, until the shutdown.
    pub(crate) async fn follow(&self) -> Result<(), bus::BusError> {
        let mut news = self.bus.listen().await?;
        let mut poll = tokio::time::interval(self.options.poll);
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.tasks.shutdown().draining() => return Ok(()),
                _ = poll.tick() => {}
                said = news.next() => match said {
                    Some(said) if concerns(&said) => {}
                    Some(_) => continue,
                    None => return Ok(()),
                },
            }
            if let Err(error) = self.refresh().await {
                tracing::warn!("the rules cannot be read, those known are used: {error}");
            }
        }
    }

    /// The items of the datastore that rules mention. None of them is read where no rule mentions any.
    pub(crate) async fn items(
        &self,
        mentioned: &Mentioned,
    ) -> Result<Option<Arc<Items>>, StoreError> {
        if mentioned.is_empty() {
            return Ok(None);
        }
        let mut items = Items::new(self.vault.clone());
        let now = self.clock.now();
        if mentioned.computed {
            let filter = KeyFilter {
                scopes: vec![KeyScope::System],
                ..KeyFilter::default()
            };
            let page = Page {
                limit: u32::MAX,
                offset: 0,
            };
            items.extend(self.store.keys(&filter, page, now).await?.items);
        } else {
            for (scope, name) in &mentioned.names {
                // As in st2, criteria see the system's items alone.
                if *scope == Scope::System {
                    items.extend(self.store.key(&KeyScope::System, name, now).await?);
                }
            }
        }
        Ok(Some(Arc::new(items)))
    }
}

fn concerns(news: &News) -> bool {
    match news {
        News::DefinitionsChanged(change) => {
            matches!(change.kind.as_str(), "rule" | "trigger" | "pack")
        }
        News::Missed { .. } => true,
        News::CancelWanted(_)
        | News::Announcement(_)
        | News::WorkflowWanted(_)
        | News::TasksChanged(_) => false,
    }
}
