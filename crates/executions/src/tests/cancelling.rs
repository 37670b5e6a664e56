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
    let mut news = world.bus.listen().await.unwrap();

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
