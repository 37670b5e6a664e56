//! From a batch of trigger instances to what is stored and announced about them.

use std::collections::HashSet;
use std::sync::Arc;

use bus::{Announcement, News};
use expr::Datastore;
use model::{
    Execution, RuleEnforcement, TriggerInstance, TriggerInstanceId, TriggerInstanceStatus,
};
use store::{ProcessedInstance, StoreError};

use crate::items::Items;
use crate::live::Live;
use crate::metrics;
use crate::outcome::{self, chain};
use crate::service::{Engine, Stopped};

/// After so many instances others get their turn on the thread.
const TURN: usize = 32;

impl Engine {
    /// Processes instances, group after group, each group in one transaction. Repeats while the database is away;
    /// returns once everything is committed, with the number of instances that this process won.
    pub(crate) async fn process(&self, instances: Vec<TriggerInstance>) -> Result<usize, Stopped> {
        let mut seen = HashSet::new();
        let mut instances: Vec<TriggerInstance> = instances
            .into_iter()
            .filter(|instance| seen.insert(instance.id))
            .collect();
        self.know_triggers_of(&instances).await;
        let mut won = 0;
        while !instances.is_empty() {
            let rest = instances.split_off(instances.len().min(self.options.group.max(1)));
            won += self.process_group(&instances).await?;
            instances = rest;
        }
        Ok(won)
    }

    /// An instance of a trigger that no known rule listens to may be the first after its rule was made.
    async fn know_triggers_of(&self, instances: &[TriggerInstance]) {
        let live = self.live.load_full();
        if instances
            .iter()
            .all(|instance| live.rules.knows(&instance.trigger))
        {
            return;
        }
        if let Err(error) = self.refresh().await {
            tracing::warn!("the rules cannot be read, those known are used: {error}");
        }
    }

    async fn process_group(&self, instances: &[TriggerInstance]) -> Result<usize, Stopped> {
        let started = tokio::time::Instant::now();
        let live = self.live.load_full();
        let items = self.items_of(&live).await?;
        let mut processed = Vec::with_capacity(instances.len());
        for (position, instance) in instances.iter().enumerate() {
            processed.push(
                self.process_instance(instance, &live, items.clone())
                    .await?,
            );
            if position % TURN == TURN - 1 {
                tokio::task::yield_now().await;
            }
        }
        let won = self.finish(&processed).await?;
        metrics::group(started.elapsed());
        let count = won.len();
        self.announce(processed, &won);
        Ok(count)
    }

    async fn items_of(&self, live: &Live) -> Result<Option<Arc<Items>>, Stopped> {
        let mut backoff = self.backoff();
        loop {
            match self.items(live.rules.mentioned()).await {
                Ok(items) => return Ok(items),
                Err(error) => backoff.wait(&chain(&error)).await?,
            }
        }
    }

    async fn process_instance(
        &self,
        instance: &TriggerInstance,
        live: &Live,
        items: Option<Arc<Items>>,
    ) -> Result<ProcessedInstance, Stopped> {
        let datastore = items.map(|items| items as Arc<dyn Datastore>);
        let evaluation = match outcome::evaluate(&live.rules, instance, self.clock.now(), datastore)
        {
            Ok(evaluation) => evaluation,
            Err(panic) => {
                return Ok(unprocessable(
                    instance.id,
                    format!("the rules could not be evaluated: {panic}"),
                ));
            }
        };
        let mut processed = ProcessedInstance {
            id: instance.id,
            status: TriggerInstanceStatus::Processed,
            reason: outcome::reason(&evaluation, &instance.trigger),
            enforcements: Vec::with_capacity(evaluation.fired.len() + evaluation.failed.len()),
            executions: Vec::with_capacity(evaluation.fired.len()),
        };
        for (rule, error) in &evaluation.failed {
            tracing::info!(rule.ref = %rule.rule().rule_ref, trigger_instance.id = %instance.id, "a rule could not be evaluated: {error}");
            processed.enforcements.push(self.failed_enforcement(
                rule.rule(),
                instance,
                error.to_string(),
            ));
        }
        if !evaluation.fired.is_empty() {
            let payload = Arc::new(instance.payload.clone());
            for rule in &evaluation.fired {
                let (enforcement, execution) =
                    self.enforce(rule.rule(), instance, &payload).await?;
                processed.enforcements.push(enforcement);
                processed.executions.extend(execution);
            }
        }
        Ok(processed)
    }

    /// Commits a group. Where the database refuses it, each instance is tried alone, so that one cannot take its
    /// neighbours along.
    async fn finish(
        &self,
        processed: &[ProcessedInstance],
    ) -> Result<Vec<TriggerInstanceId>, Stopped> {
        match self.commit(processed).await? {
            Ok(won) => Ok(won),
            Err(error) => {
                tracing::warn!(
                    "a group of {} instances was refused, storing each alone: {}",
                    processed.len(),
                    chain(&error)
                );
                let mut won = Vec::with_capacity(processed.len());
                for one in processed {
                    won.extend(self.finish_alone(one).await?);
                }
                Ok(won)
            }
        }
    }

    async fn finish_alone(
        &self,
        one: &ProcessedInstance,
    ) -> Result<Vec<TriggerInstanceId>, Stopped> {
        let error = match self.commit(std::slice::from_ref(one)).await? {
            Ok(won) => return Ok(won),
            Err(error) => error,
        };
        let failed = unprocessable(
            one.id,
            format!("what came of it could not be stored: {}", chain(&error)),
        );
        match self.commit(&[failed]).await? {
            // Won, but with nothing that could be announced.
            Ok(_) => Ok(Vec::new()),
            Err(error) => {
                tracing::error!(trigger_instance.id = %one.id, "a trigger instance cannot be stored at all: {}", chain(&error));
                Ok(Vec::new())
            }
        }
    }

    /// One transaction, repeated while the database is away.
    async fn commit(
        &self,
        processed: &[ProcessedInstance],
    ) -> Result<Result<Vec<TriggerInstanceId>, StoreError>, Stopped> {
        let mut backoff = self.backoff();
        loop {
            match self.store.finish_trigger_instances(processed).await {
                Ok(won) => return Ok(Ok(won)),
                Err(error @ (StoreError::Unavailable(_) | StoreError::CannotWrite(..))) => {
                    backoff.wait(&chain(&error)).await?;
                }
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    fn announce(&self, processed: Vec<ProcessedInstance>, won: &[TriggerInstanceId]) {
        let won: HashSet<&TriggerInstanceId> = won.iter().collect();
        let mut executions: Vec<Execution> = Vec::new();
        let mut enforcements: Vec<RuleEnforcement> = Vec::new();
        for one in processed.into_iter().filter(|one| won.contains(&one.id)) {
            metrics::won(&one);
            executions.extend(one.executions);
            enforcements.extend(one.enforcements);
        }
        if !executions.is_empty() {
            self.executions.announce(executions);
        }
        for enforcement in enforcements {
            self.bus
                .tell(News::Announcement(Announcement::Enforcement(Box::new(
                    enforcement,
                ))));
        }
    }
}

fn unprocessable(id: TriggerInstanceId, reason: String) -> ProcessedInstance {
    tracing::error!(trigger_instance.id = %id, "{reason}");
    ProcessedInstance {
        id,
        status: TriggerInstanceStatus::ProcessingFailed,
        reason,
        enforcements: Vec::new(),
        executions: Vec::new(),
    }
}
