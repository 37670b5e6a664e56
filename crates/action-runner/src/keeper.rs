//! Keeps the leases of what runs here, and passes on what others want of it.

use std::collections::HashMap;
use std::time::Duration;

use bus::{Bus, BusError, News};
use chrono::{DateTime, Utc};
use lifecycle::Clock;
use model::{ExecutionId, ExecutionStatus, Lease};
use store::{Kind, Store};
use tokio_util::sync::CancellationToken;

use crate::held::{Held, Wanted};
use crate::packs::PackFolders;
use crate::run::chain;

/// A lease for `holder` that begins `now`.
pub(crate) fn lease(holder: &str, now: DateTime<Utc>, length: Duration) -> Lease {
    Lease {
        holder: holder.to_owned(),
        expires_at: now + length,
    }
}

/// Renews all leases every so often, until `done`. A renewal that fails is tried again at the next turn.
pub(crate) async fn keep_leases(
    store: &Store,
    clock: &Clock,
    held: &Held,
    holder: &str,
    (length, every): (Duration, Duration),
    done: &CancellationToken,
) {
    while done
        .run_until_cancelled(tokio::time::sleep(every))
        .await
        .is_some()
    {
        let ids = held.claimed();
        if ids.is_empty() {
            continue;
        }
        match store
            .renew_leases(&ids, &lease(holder, clock.now(), length))
            .await
        {
            Ok(renewed) => {
                for (id, wanted) in verdicts(&ids, &renewed) {
                    held.want(id, wanted);
                }
            }
            Err(error) => tracing::warn!(
                executions = ids.len(),
                "leases were not renewed: {}",
                chain(&error)
            ),
        }
    }
}

/// What a renewal says is wanted of those executions with which something is the matter.
fn verdicts(
    ids: &[ExecutionId],
    renewed: &[(ExecutionId, ExecutionStatus)],
) -> Vec<(ExecutionId, Wanted)> {
    let renewed: HashMap<_, _> = renewed.iter().copied().collect();
    let verdict = |id| match renewed.get(id) {
        None => Some((*id, Wanted::Drop)),
        Some(ExecutionStatus::Canceling) => Some((*id, Wanted::Cancel)),
        Some(_) => None,
    };
    ids.iter().filter_map(verdict).collect()
}

/// Passes on cancellations and changes of packs, until `done`.
pub(crate) async fn hear_news(
    bus: &Bus,
    held: &Held,
    packs: &PackFolders,
    done: &CancellationToken,
) -> Result<(), BusError> {
    let mut listener = bus.listen().await?;
    while let Some(Some(news)) = done.run_until_cancelled(listener.next()).await {
        match news {
            News::CancelWanted(wanted) => held.want(wanted.id, Wanted::Cancel),
            News::DefinitionsChanged(changed) if changed.kind == kind_name(Kind::Pack) => {
                packs.forget();
            }
            // A missed cancellation is noticed when the lease is renewed.
            News::Missed { .. } => packs.forget(),
            News::DefinitionsChanged(_)
            | News::Announcement(_)
            | News::WorkflowWanted(_)
            | News::TasksChanged(_) => {}
        }
    }
    Ok(())
}

/// A kind as the news spell it.
fn kind_name(kind: Kind) -> String {
    serde_json::to_value(kind)
        .ok()
        .and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_what_was_lost_and_kills_what_is_being_canceled() {
        let ids = model::IdSource::new();
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let [fine, canceling, lost]: [ExecutionId; 3] = std::array::from_fn(|_| ids.next(now));
        let renewed = [
            (fine, ExecutionStatus::Running),
            (canceling, ExecutionStatus::Canceling),
        ];

        let verdicts = verdicts(&[fine, canceling, lost], &renewed);

        assert_eq!(
            verdicts,
            [(canceling, Wanted::Cancel), (lost, Wanted::Drop)]
        );
    }

    #[test]
    fn spells_kinds_as_the_news_do() {
        assert_eq!(kind_name(Kind::Pack), "pack");
    }
}
