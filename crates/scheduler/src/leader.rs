//! Leading: one scheduler of many does the work of a name.

use std::time::Duration;

use chrono::{DateTime, Utc};
use store::{LeaseOutcome, Store, StoreError};

/// A scheduler's claim to lead.
#[derive(Debug)]
pub(crate) struct Leader {
    store: Store,
    name: &'static str,
    holder: String,
    length: Duration,
    /// Leading without asking again until then.
    ask_at: Option<DateTime<Utc>>,
}

impl Leader {
    pub(crate) fn new(store: Store, name: &'static str, holder: String, length: Duration) -> Self {
        Self {
            store,
            name,
            holder,
            length,
            ask_at: None,
        }
    }

    /// Whether this one leads now. Asks the store only when a third of the lease is over.
    pub(crate) async fn leads(&mut self, now: DateTime<Utc>) -> Result<bool, StoreError> {
        if self.ask_at.is_some_and(|ask_at| now < ask_at) {
            return Ok(true);
        }
        let did_lead = self.ask_at.take().is_some();
        let leads = self
            .store
            .take_lease(self.name, &self.holder, now, now + self.length)
            .await?
            == LeaseOutcome::Held;
        if leads {
            self.ask_at = Some(now + self.length / 3);
        }
        if leads != did_lead {
            tracing::info!(
                lease = self.name,
                holder = self.holder,
                "{}",
                if leads { "leading" } else { "following" }
            );
        }
        Ok(leads)
    }

    /// Lets another one lead at once.
    pub(crate) async fn resign(&mut self) {
        if self.ask_at.take().is_none() {
            return;
        }
        if let Err(error) = self.store.release_lease(self.name, &self.holder).await {
            tracing::debug!(
                lease = self.name,
                "the lease was not given back, it ends by itself: {error}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::testing::{at, empty_store};

    #[tokio::test]
    async fn one_leads_until_it_resigns_or_is_lost() {
        let (_folder, store) = empty_store().await;
        let leader = |holder: &str| {
            Leader::new(
                store.clone(),
                "work",
                holder.to_owned(),
                Duration::from_secs(9),
            )
        };
        let (mut first, mut second) = (leader("first"), leader("second"));

        assert!(first.leads(at(0)).await.unwrap());
        assert!(!second.leads(at(5)).await.unwrap());
        assert!(first.leads(at(6)).await.unwrap());
        assert!(!second.leads(at(14)).await.unwrap());
        assert!(
            second.leads(at(16)).await.unwrap(),
            "the first did not renew its lease"
        );
        assert!(!first.leads(at(17)).await.unwrap());

        second.resign().await;
        assert!(first.leads(at(17)).await.unwrap());
    }
}
