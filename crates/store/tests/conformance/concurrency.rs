//! Several processes at once: everything happens once.

use std::collections::HashSet;

use futures::future::join_all;
use model::TriggerInstance;
use serde_json::json;
use store::{EnforcementFilter, ExecutionFilter, Store, TriggerInstanceFilter};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    gives_each_execution_to_one_of_many_workers
    lets_one_of_many_workers_fire_a_timer
    lets_one_of_many_engines_finish_an_instance
    stores_all_of_many_small_writes
    makes_one_trigger_for_many_equal_rules
    goes_on_after_writers_that_were_dropped_on_the_way
    migrates_once_however_many_processes_start
}

/// Eight handles: four of this process, four as other processes have them.
async fn workers(fixture: &Fixture) -> Vec<Store> {
    let mut workers = vec![fixture.store.clone(); 4];
    let second = fixture.second().await;
    workers.extend(vec![second; 4]);
    workers
}

async fn gives_each_execution_to_one_of_many_workers(fixture: Fixture) {
    let requested = executions(100);
    let ids = ids_of(&requested);
    fixture.store.request_executions(&requested).await.unwrap();
    let workers = workers(&fixture).await;

    let claims = workers.iter().enumerate().map(|(number, store)| {
        let mut ids = ids.clone();
        ids.rotate_left(number * 12);
        async move {
            let mut won = Vec::new();
            for batch in ids.chunks(7) {
                let lease = lease(&format!("worker {number}"));
                won.extend(
                    store
                        .claim_executions(batch, &lease, &runner(), noon())
                        .await
                        .unwrap(),
                );
            }
            won
        }
    });
    let won: Vec<_> = join_all(claims).await.into_iter().flatten().collect();

    assert_eq!(won.len(), 100);
    assert_eq!(
        won.into_iter().collect::<HashSet<_>>(),
        ids.into_iter().collect()
    );
}

async fn lets_one_of_many_workers_fire_a_timer(fixture: Fixture) {
    let timer = id();
    let workers = workers(&fixture).await;

    let fired = join_all(workers.iter().map(|store| async {
        let instance = instance();
        store.fire_timer(timer, noon(), &instance).await.unwrap()
    }))
    .await;

    assert_eq!(fired.iter().filter(|won| **won).count(), 1);
    assert_eq!(
        fixture
            .store
            .trigger_instances(&TriggerInstanceFilter::default(), ALL)
            .await
            .unwrap()
            .total,
        1
    );
}

async fn lets_one_of_many_engines_finish_an_instance(fixture: Fixture) {
    let instances: Vec<TriggerInstance> = (0..60).map(|_| instance()).collect();
    fixture
        .store
        .add_trigger_instances(&instances)
        .await
        .unwrap();
    let workers = workers(&fixture).await;

    let finishes = workers.iter().enumerate().map(|(number, store)| {
        let mut batch: Vec<_> = instances.iter().map(processed).collect();
        batch.rotate_left(number * 7);
        async move {
            let mut won = Vec::new();
            for part in batch.chunks(20) {
                won.extend(store.finish_trigger_instances(part).await.unwrap());
            }
            won
        }
    });
    let won: Vec<_> = join_all(finishes).await.into_iter().flatten().collect();

    assert_eq!(won.len(), 60);
    assert_eq!(won.into_iter().collect::<HashSet<_>>().len(), 60);
    assert_eq!(
        fixture
            .store
            .enforcements(&EnforcementFilter::default(), ALL)
            .await
            .unwrap()
            .items
            .len(),
        60
    );
    assert_eq!(
        fixture
            .store
            .executions(&ExecutionFilter::default(), ALL)
            .await
            .unwrap()
            .items
            .len(),
        60
    );
}

async fn stores_all_of_many_small_writes(fixture: Fixture) {
    let requested = executions(200);
    let ids = ids_of(&requested);

    let stored = join_all(
        requested
            .iter()
            .map(|one| fixture.store.request_executions(std::slice::from_ref(one))),
    )
    .await;
    let all = fixture
        .store
        .claim_executions(&ids, &lease("a"), &runner(), noon())
        .await
        .unwrap();
    let ends: Vec<_> = ids.iter().map(|id| [end(*id, "a", json!(1))]).collect();
    let ended = join_all(ends.iter().map(|end| fixture.store.finish_executions(end))).await;

    assert!(stored.iter().all(Result::is_ok));
    assert_eq!(all.len(), 200);
    assert_eq!(
        ended
            .into_iter()
            .map(|ids| ids.unwrap().len())
            .sum::<usize>(),
        200
    );
}

async fn makes_one_trigger_for_many_equal_rules(fixture: Fixture) {
    let workers = workers(&fixture).await;
    let drafts: Vec<_> = (0..8)
        .map(|number| {
            draft(
                "demo",
                &format!("rule{number}"),
                "core.st2.webhook",
                json!({"url": "x"}),
            )
        })
        .collect();

    let rules = join_all(
        workers
            .iter()
            .zip(&drafts)
            .map(|(store, draft)| store.create_rule(draft)),
    )
    .await;

    let triggers: HashSet<String> = rules
        .into_iter()
        .map(|rule| rule.unwrap().trigger.trigger_ref)
        .collect();
    assert_eq!(triggers.len(), 1);
    let stored = fixture
        .store
        .all::<model::Trigger>(&store::DefinitionFilter::default())
        .await
        .unwrap();
    assert_eq!(stored.len(), 1);
}

async fn goes_on_after_writers_that_were_dropped_on_the_way(fixture: Fixture) {
    let store = &fixture.store;
    let requested = executions(300);
    let ids = ids_of(&requested);

    for (number, one) in requested.iter().enumerate() {
        // Polled a few times and dropped wherever that leaves it, beside one that is let through.
        let mut doomed = Box::pin(store.request_executions(std::slice::from_ref(one)));
        for _ in 0..number % 23 {
            if futures::poll!(doomed.as_mut()).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(doomed);
        if number % 10 == 0 {
            store
                .request_executions(std::slice::from_ref(one))
                .await
                .unwrap();
        }
    }

    let let_through: HashSet<_> = ids.iter().step_by(10).copied().collect();
    let stored = store
        .executions(&ExecutionFilter::default(), ALL)
        .await
        .unwrap();
    let stored: HashSet<_> = ids_of(&stored.items).into_iter().collect();
    assert!(stored.is_superset(&let_through));
    store.request_executions(&requested).await.unwrap();
    assert_eq!(
        store
            .executions(&ExecutionFilter::default(), ALL)
            .await
            .unwrap()
            .total,
        300
    );
}

async fn migrates_once_however_many_processes_start(fixture: Fixture) {
    // A second database on the same backend, untouched yet.
    let options = match &fixture.options {
        store::StoreOptions::Sqlite { path } => store::StoreOptions::Sqlite {
            path: path.with_extension("second"),
        },
        store::StoreOptions::Postgres { .. } => store::StoreOptions::Postgres {
            url: crate::server::fresh_database().await,
            max_connections: 4,
            connect_deadline: None,
        },
    };
    let stores = join_all((0..4).map(|_| Store::connect(&options))).await;
    let stores: Vec<Store> = stores.into_iter().map(Result::unwrap).collect();

    let applied = join_all(stores.iter().map(|store| store.migrate(noon()))).await;

    for outcome in applied {
        outcome.unwrap();
    }
    assert_eq!(stores[0].migrate(noon()).await.unwrap(), 0);
    stores[1]
        .add_trigger_instances(&[instance()])
        .await
        .unwrap();
}
