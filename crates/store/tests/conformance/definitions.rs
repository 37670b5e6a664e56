//! One definition at a time.

use model::{Action, ObjectId, RunnerType};
use store::{DefinitionFilter, Kind, SaveError};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    refuses_a_reference_that_is_taken
    keeps_the_id_of_what_it_replaces
    moves_no_revision_where_nothing_changes
    replaces_by_id_and_lets_a_reference_change
    finds_by_reference_and_by_id
    lists_what_the_filter_asks_for
    deletes_once
}

async fn refuses_a_reference_that_is_taken(fixture: Fixture) {
    let first = action("core", "local");
    fixture.store.create(&first).await.unwrap();

    let refused = fixture
        .store
        .create(&action("core", "local"))
        .await
        .unwrap_err();

    let SaveError::Conflict { reference, id } = refused else {
        panic!("{refused}")
    };
    assert_eq!(
        (reference.as_str(), id),
        ("core.local", first.id.object_id())
    );
}

async fn keeps_the_id_of_what_it_replaces(fixture: Fixture) {
    let first = fixture.store.save(action("core", "local")).await.unwrap();
    let mut second = action("core", "local");
    second.enabled = false;

    let saved = fixture.store.save(second.clone()).await.unwrap();

    second.id = first.id;
    assert_eq!(saved, second);
    assert_eq!(
        fixture.store.find::<Action>("core.local").await.unwrap(),
        Some(second)
    );
}

async fn moves_no_revision_where_nothing_changes(fixture: Fixture) {
    let store = &fixture.store;
    let before = store.revision(Kind::Action).await.unwrap();
    let saved = store.save(action("core", "local")).await.unwrap();
    let after = store.revision(Kind::Action).await.unwrap();

    store.save(saved.clone()).await.unwrap();
    store.replace(&saved).await.unwrap();
    store.delete::<Action>(id()).await.unwrap();

    assert!(before < after);
    assert_eq!(store.revision(Kind::Action).await.unwrap(), after);
    assert_eq!(store.revision(Kind::Rule).await.unwrap(), before);
    let mut changed = saved;
    changed.enabled = false;
    store.save(changed).await.unwrap();
    assert!(store.revision(Kind::Action).await.unwrap() > after);
}

async fn replaces_by_id_and_lets_a_reference_change(fixture: Fixture) {
    let store = &fixture.store;
    let first = store.save(action("core", "a")).await.unwrap();
    store.save(action("core", "b")).await.unwrap();
    let renamed = Action {
        id: first.id,
        ..action("core", "c")
    };
    let clashing = Action {
        id: first.id,
        ..action("core", "b")
    };

    assert!(store.replace(&renamed).await.unwrap());
    assert!(matches!(
        store.replace(&clashing).await,
        Err(SaveError::Conflict { .. })
    ));
    assert!(!store.replace(&action("core", "unknown")).await.unwrap());

    assert_eq!(store.find::<Action>("core.a").await.unwrap(), None);
    assert_eq!(store.find::<Action>("core.c").await.unwrap(), Some(renamed));
}

async fn finds_by_reference_and_by_id(fixture: Fixture) {
    let store = &fixture.store;
    let saved = store.save(action("core", "local")).await.unwrap();
    store.save(runner_type("local")).await.unwrap();

    assert_eq!(
        store.find::<Action>("core.local").await.unwrap().as_ref(),
        Some(&saved)
    );
    assert_eq!(
        store.find::<Action>(&saved.id.to_string()).await.unwrap(),
        Some(saved)
    );
    assert_eq!(store.find::<Action>("core.nothing").await.unwrap(), None);
    assert_eq!(
        store
            .find::<Action>(&id::<ObjectId>().to_string())
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        store
            .find::<RunnerType>("local")
            .await
            .unwrap()
            .unwrap()
            .name,
        "local"
    );
}

async fn lists_what_the_filter_asks_for(fixture: Fixture) {
    let store = &fixture.store;
    let mut off = action("linux", "c");
    off.enabled = false;
    off.runner_type = "python-script".into();
    for one in [action("linux", "b"), off, action("core", "a")] {
        store.create(&one).await.unwrap();
    }
    let refs = async |filter: &DefinitionFilter, page| {
        let found = store.list::<Action>(filter, page).await.unwrap();
        let all = store.all::<Action>(filter).await.unwrap();
        assert_eq!(all.len() as u64, found.total);
        found
            .items
            .into_iter()
            .map(|one| one.action_ref.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let mut filter = DefinitionFilter::default();
    assert_eq!(refs(&filter, ALL).await, "core.a linux.b linux.c");
    assert_eq!(refs(&filter, page(1, 1)).await, "linux.b");
    filter.newest_first = true;
    assert_eq!(refs(&filter, ALL).await, "core.a linux.b linux.c");

    let only = async |restrict: fn(&mut DefinitionFilter)| {
        let mut filter = DefinitionFilter::default();
        restrict(&mut filter);
        refs(&filter, ALL).await
    };
    let of_pack = only(|filter| filter.pack = Some("linux".into())).await;
    assert_eq!(of_pack, "linux.b linux.c");
    assert_eq!(
        only(|filter| filter.name = Some("a".into())).await,
        "core.a"
    );
    assert_eq!(only(|filter| filter.enabled = Some(false)).await, "linux.c");
    let selected = only(|filter| filter.selector = Some("noop".into())).await;
    assert_eq!(selected, "core.a linux.b");
    let named = only(|filter| {
        filter.references = Some(vec!["core.a".into(), "linux.c".into(), "x.y".into()]);
    });
    assert_eq!(named.await, "core.a linux.c");
}

async fn deletes_once(fixture: Fixture) {
    let saved = fixture.store.save(action("core", "local")).await.unwrap();

    assert!(
        fixture
            .store
            .delete::<Action>(saved.id.object_id())
            .await
            .unwrap()
    );
    assert!(
        !fixture
            .store
            .delete::<Action>(saved.id.object_id())
            .await
            .unwrap()
    );
    assert_eq!(
        fixture.store.find::<Action>("core.local").await.unwrap(),
        None
    );
}
