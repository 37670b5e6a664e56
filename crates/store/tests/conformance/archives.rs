//! The content of packs that were installed.

use chrono::{DateTime, Duration, Utc};
use model::{Pack, PackConfig};
use serde_json::json;
use store::{PackArchive, PackContent, PackInstall};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    gives_the_newest_content_or_the_one_asked_for
    keeps_what_is_in_force_and_the_newest
    puts_content_in_force_with_what_it_brings
    a_pack_registered_from_another_folder_is_no_longer_installed
    keeps_the_first_pins_of_a_content
    forgets_content_with_its_pack
    a_pack_that_is_unloaded_leaves_its_content_and_its_configuration
}

fn archive(hash: &str) -> PackArchive {
    PackArchive {
        pack: "demo".into(),
        hash: hash.into(),
        source: format!("somewhere={hash}"),
        body: vec![31, 139, 0, 255],
    }
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::seconds(second)
}

fn content(path: &str, installed: Option<&str>) -> PackContent {
    let pack: Pack = serde_json::from_value(json!({
        "id": id::<model::PackId>(), "ref": "demo", "uid": "pack:demo", "name": "demo", "path": path,
    }))
    .unwrap();
    PackContent {
        installed: installed.map(str::to_owned),
        ..PackContent::of(pack)
    }
}

fn install(hash: &str, pins: Option<&str>) -> PackInstall {
    PackInstall {
        pack: "demo".into(),
        hash: hash.into(),
        path: format!("/packs/demo/{hash}"),
        pins: pins.map(str::to_owned),
    }
}

async fn gives_the_newest_content_or_the_one_asked_for(fixture: Fixture) {
    let store = &fixture.store;
    store.add_pack_archive(&archive("a"), at(1)).await.unwrap();
    store.add_pack_archive(&archive("b"), at(2)).await.unwrap();

    let newest = store.pack_archive("demo", None).await.unwrap();
    let first = store.pack_archive("demo", Some("a")).await.unwrap();
    store.add_pack_archive(&archive("a"), at(3)).await.unwrap();
    let again = store.pack_archive("demo", None).await.unwrap();

    assert_eq!(newest, Some(archive("b")));
    assert_eq!(first, Some(archive("a")));
    assert_eq!(again, Some(archive("a")));
    assert_eq!(store.pack_archive("other", None).await.unwrap(), None);
}

async fn keeps_what_is_in_force_and_the_newest(fixture: Fixture) {
    let store = &fixture.store;
    store.add_pack_archive(&archive("a"), at(1)).await.unwrap();
    let content = content("/packs/demo/a", Some("a"));
    store.register_pack(&content).await.unwrap();

    for (second, hash) in (2..).zip(["b", "c", "d"]) {
        let archive = archive(hash);
        store.add_pack_archive(&archive, at(second)).await.unwrap();
    }

    let mut kept = Vec::new();
    for hash in ["a", "b", "c", "d"] {
        let found = store.pack_archive("demo", Some(hash)).await.unwrap();
        kept.extend(found.map(|archive| archive.hash));
    }
    assert_eq!(kept, ["a", "c", "d"]);
}

async fn puts_content_in_force_with_what_it_brings(fixture: Fixture) {
    let store = &fixture.store;
    let first = content("/packs/demo/a", Some("a"));

    store.register_pack(&first).await.unwrap();
    assert_eq!(
        store.pack_install("demo").await.unwrap(),
        Some(install("a", None))
    );
    let again = content("/packs/demo/a", None);
    store.register_pack(&again).await.unwrap();
    assert_eq!(
        store.pack_installs().await.unwrap(),
        [install("a", None)],
        "registering where its content lies changes nothing"
    );
    let next = content("/packs/demo/b", Some("b"));
    store.register_pack(&next).await.unwrap();

    assert_eq!(store.pack_installs().await.unwrap(), [install("b", None)]);
}

async fn a_pack_registered_from_another_folder_is_no_longer_installed(fixture: Fixture) {
    let store = &fixture.store;
    let installed = content("/packs/demo/a", Some("a"));
    store.register_pack(&installed).await.unwrap();

    let read = content("/home/ada/demo", None);
    store.register_pack(&read).await.unwrap();

    assert_eq!(store.pack_install("demo").await.unwrap(), None);
}

async fn keeps_the_first_pins_of_a_content(fixture: Fixture) {
    let store = &fixture.store;
    store.add_pack_archive(&archive("a"), at(1)).await.unwrap();
    let first = content("/packs/demo/a", Some("a"));
    store.register_pack(&first).await.unwrap();
    let keep = async |hash: &str, pins: &str| store.keep_pack_pins("demo", hash, pins).await;

    assert!(!keep("b", "six==0").await.unwrap());
    assert!(keep("a", "six==1").await.unwrap());
    assert!(!keep("a", "six==2").await.unwrap());
    store.add_pack_archive(&archive("a"), at(2)).await.unwrap();
    let kept = store.pack_install("demo").await.unwrap();
    assert_eq!(kept, Some(install("a", Some("six==1"))));

    let next = content("/packs/demo/b", Some("b"));
    store.register_pack(&next).await.unwrap();
    assert_eq!(
        store.pack_install("demo").await.unwrap(),
        Some(install("b", None))
    );
}

async fn forgets_content_with_its_pack(fixture: Fixture) {
    let store = &fixture.store;
    store.add_pack_archive(&archive("a"), at(1)).await.unwrap();
    let content = content("/packs/demo/a", Some("a"));
    store.register_pack(&content).await.unwrap();

    store.remove_pack("demo").await.unwrap();

    assert_eq!(store.pack_install("demo").await.unwrap(), None);
    assert_eq!(store.pack_archive("demo", None).await.unwrap(), None);
}

async fn a_pack_that_is_unloaded_leaves_its_content_and_its_configuration(fixture: Fixture) {
    let store = &fixture.store;
    store.add_pack_archive(&archive("a"), at(1)).await.unwrap();
    let content = content("/packs/demo/a", Some("a"));
    store.register_pack(&content).await.unwrap();
    let config = PackConfig {
        id: id(),
        pack: "demo".into(),
        values: serde_json::from_value(json!({"port": 1})).unwrap(),
    };
    store.save(config).await.unwrap();
    store.keep_pack_pins("demo", "a", "six==1").await.unwrap();
    let configured = async || {
        let config: Option<PackConfig> = store.find("demo").await.unwrap();
        config.is_some()
    };

    assert!(!store.forget_pack_content("demo").await.unwrap());
    assert!(store.unload_pack("demo").await.unwrap());

    assert_eq!(store.find::<Pack>("demo").await.unwrap(), None);
    assert_eq!(store.pack_install("demo").await.unwrap(), None);
    let left = store.pack_archive("demo", None).await.unwrap();
    assert_eq!(left, Some(archive("a")));
    assert!(configured().await);
    store.register_pack(&content).await.unwrap();
    let again = store.pack_install("demo").await.unwrap();
    assert_eq!(again, Some(install("a", Some("six==1"))), "with its pins");

    store.unload_pack("demo").await.unwrap();
    assert!(store.forget_pack_content("demo").await.unwrap());

    assert_eq!(store.pack_archive("demo", None).await.unwrap(), None);
    assert!(!configured().await);
}
