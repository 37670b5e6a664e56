use super::*;

#[tokio::test]
async fn what_nobody_runs_is_cancelled_at_once() {
    let world = World::new().await;
    world.define(json!({})).await;
    let execution = world.request(json!({})).await.unwrap();

    let cancelled = world.executions.cancel(execution.id, "you").await.unwrap();

    assert_eq!(cancelled.status, ExecutionStatus::Canceled);
    let result = world.stored(&execution).await.result.unwrap();
    assert_eq!(
        result,
        json!({"message": "Action canceled by user.", "user": "you"})
    );
}

#[tokio::test]
async fn the_runner_of_what_runs_is_told() {
    let world = World::new().await;
    world.define(json!({})).await;
    let execution = world.request(json!({})).await.unwrap();
    world.claim(&execution).await;
    let mut news = world.bus.listen_to_all().await.unwrap();

    let cancelled = world.executions.cancel(execution.id, "you").await.unwrap();

    assert_eq!(cancelled.status, ExecutionStatus::Canceling);
    let News::CancelWanted(wanted) = news.next().await.unwrap() else {
        panic!("the runner is told first")
    };
    assert_eq!(wanted.id, execution.id);
    let again = world.executions.cancel(execution.id, "you").await.unwrap();
    assert_eq!(again.status, ExecutionStatus::Canceling);
}

#[tokio::test]
async fn what_has_ended_cannot_be_cancelled() {
    let world = World::new().await;
    world.define(json!({})).await;
    let execution = world.request(json!({})).await.unwrap();
    world.executions.cancel(execution.id, "you").await.unwrap();

    let error = world
        .executions
        .cancel(execution.id, "you")
        .await
        .unwrap_err();

    assert!(matches!(&error, CancelError::Ended(ended) if ended.id == execution.id));
    assert_eq!(error.to_string(), "Action is already in completed state.");
    let unknown = world.ids.next(world.clock.now());
    assert!(matches!(
        world.executions.cancel(unknown, "you").await,
        Err(CancelError::Unknown(_))
    ));
}

#[tokio::test]
async fn an_open_execution_is_ended_by_hand_and_its_runner_is_told_to_stop() {
    let world = World::new().await;
    world.define(json!({})).await;
    let execution = world.request(json!({})).await.unwrap();
    world.claim(&execution).await;
    let mut news = world.bus.listen_to_all().await.unwrap();

    let result = json!({"why": "by hand"});
    let settle =
        world
            .executions
            .settle(execution.id, ExecutionStatus::Failed, Some(result.clone()));
    let settled = settle.await.unwrap();

    assert_eq!(settled.status, ExecutionStatus::Failed);
    assert_eq!(world.stored(&execution).await.result, Some(result));
    assert!(
        matches!(news.next().await.unwrap(), News::CancelWanted(wanted) if wanted.id == execution.id)
    );
}

#[tokio::test]
async fn only_an_open_execution_is_ended_and_only_by_an_end() {
    let world = World::new().await;
    world.define(json!({})).await;
    let execution = world.request(json!({})).await.unwrap();
    let settle = async |status| world.executions.settle(execution.id, status, None).await;

    let running = settle(ExecutionStatus::Running).await;
    settle(ExecutionStatus::Succeeded).await.unwrap();
    let again = settle(ExecutionStatus::Failed).await;

    assert!(matches!(running, Err(SettleError::NotAnEnd(_))));
    assert!(matches!(again, Err(SettleError::Ended)));
}
