//! The scheduler on a real store and bus, its time moved by hand.

use bus::{EventsStored, ExecutionsRequested};
use model::{
    Execution, ExecutionStatus, IdSource, TraceContext, TriggerInstance, TriggerInstanceStatus,
};
use serde_json::json;

use super::testing::{Engine, at, engine, execution};
use super::*;

struct Bench {
    scheduler: Scheduler,
    engine: Engine,
}

async fn bench() -> Bench {
    let engine = engine(at(0)).await;
    let parts = Parts {
        store: engine.store.clone(),
        bus: engine.bus.clone(),
        executions: engine.executions.clone(),
        intake: engine.intake.clone(),
        clock: engine.clock.clone(),
        tasks: engine.tasks.clone(),
        options: SchedulerOptions::default(),
        holder: holder(),
    };
    Bench {
        scheduler: Scheduler::new(parts),
        engine,
    }
}

impl Bench {
    async fn turn_at(&mut self, seconds: i64) {
        self.engine
            .clock
            .advance((at(seconds) - self.engine.clock.now()).to_std().unwrap());
        self.scheduler.turn(self.engine.clock.now()).await;
    }

    async fn request(&self, execution: &Execution) {
        self.engine
            .store
            .request_executions(std::slice::from_ref(execution))
            .await
            .unwrap();
    }

    /// What runners are told next, within a real second.
    async fn told_to_runners(&self) -> Vec<Execution> {
        let mut worker = self
            .engine
            .bus
            .work::<ExecutionsRequested>(10)
            .await
            .unwrap();
        let next = tokio::time::timeout(Duration::from_secs(1), worker.next());
        next.await
            .ok()
            .flatten()
            .map_or_else(Vec::new, |delivery| delivery.message.executions.clone())
    }
}

#[tokio::test]
async fn announces_again_what_no_runner_claimed() {
    let mut bench = bench().await;
    let execution = execution(at(0));
    bench.request(&execution).await;

    bench.turn_at(6).await;

    assert_eq!(bench.told_to_runners().await, [execution]);
}

#[tokio::test]
async fn announces_again_what_no_rules_engine_took_up() {
    let mut bench = bench().await;
    let ids = IdSource::new();
    let instance = TriggerInstance {
        id: ids.next(at(0)),
        trigger: "demo.hook".into(),
        trigger_type: "demo.hook".into(),
        payload: json!({}),
        occurrence_time: at(0),
        status: TriggerInstanceStatus::Pending,
        status_reason: None,
        trace: TraceContext {
            id: ids.next(at(0)),
            tag: "demo".into(),
        },
        caused_by: None,
    };
    bench
        .engine
        .store
        .add_trigger_instances(std::slice::from_ref(&instance))
        .await
        .unwrap();

    bench.turn_at(6).await;

    let mut worker = bench.engine.bus.work::<EventsStored>(10).await.unwrap();
    let told = tokio::time::timeout(Duration::from_secs(10), worker.next())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(told.message.instances[0].id, instance.id);
}

#[tokio::test]
async fn announces_a_delayed_execution_when_it_is_due() {
    let mut bench = bench().await;
    let mut delayed = execution(at(0));
    delayed.delay_ms = Some(2500);
    delayed.status = ExecutionStatus::Delayed;
    bench.request(&delayed).await;

    bench.turn_at(2).await;
    assert_eq!(bench.scheduler.pause(), Duration::from_millis(500));
    bench.engine.clock.advance(Duration::from_millis(500));
    bench.scheduler.turn(bench.engine.clock.now()).await;

    let told = bench.told_to_runners().await;
    assert_eq!(
        told.iter()
            .map(|execution| execution.id)
            .collect::<Vec<_>>(),
        [delayed.id]
    );
}

#[tokio::test]
async fn leads_and_recovers_when_it_is_started() {
    let Engine {
        store,
        bus,
        executions,
        intake,
        clock,
        tasks,
        _folder,
    } = engine(at(100)).await;
    let lost = execution(at(0));
    store
        .request_executions(std::slice::from_ref(&lost))
        .await
        .unwrap();
    let lease = model::Lease {
        holder: "gone".to_owned(),
        expires_at: at(10),
    };
    let info = model::RunnerInfo {
        hostname: "host".to_owned(),
        pid: 7,
    };
    store
        .claim_executions(&[lost.id], &lease, &info, at(0))
        .await
        .unwrap();

    start(
        store.clone(),
        bus,
        executions,
        intake,
        clock,
        &tasks,
        SchedulerOptions::default(),
    );

    let is_abandoned = async {
        while store.execution(lost.id).await.unwrap().unwrap().status != ExecutionStatus::Abandoned
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), is_abandoned)
        .await
        .unwrap();
    tasks.shutdown().drain();
    assert!(
        tokio::time::timeout(Duration::from_secs(20), tasks.finished())
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn ends_inquiries_that_nobody_answered_in_time() {
    let mut bench = bench().await;
    let store = bench.engine.store.clone();
    let asked = execution(at(0));
    bench.request(&asked).await;
    let lease = model::Lease {
        holder: "asker".to_owned(),
        expires_at: at(30),
    };
    let info = model::RunnerInfo {
        hostname: "host".to_owned(),
        pid: 7,
    };
    store
        .claim_executions(&[asked.id], &lease, &info, at(0))
        .await
        .unwrap();
    let question = store::PendingExecution {
        id: asked.id,
        holder: lease.holder,
        result: json!({ "ttl": 1 }),
        at: at(1),
        until: Some(at(61)),
        follow_ups: Vec::new(),
    };
    store.await_answers(&[question]).await.unwrap();
    let status = async || store.execution(asked.id).await.unwrap().unwrap().status;

    bench.turn_at(60).await;
    let before = status().await;
    bench.turn_at(62).await;

    assert_eq!(before, ExecutionStatus::Pending);
    assert_eq!(status().await, ExecutionStatus::TimedOut);
}

#[test]
fn does_each_thing_every_so_often() {
    let mut period = Period::new(Duration::from_secs(3));

    let due: Vec<i64> = (0..10)
        .filter(|second| period.is_due(at(*second)))
        .collect();

    assert_eq!(due, [0, 3, 6, 9]);
}
