//! Packs of Python: with libraries, with modules that they share, with packs that they need.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use stories::engine::{Backend, binary};

use super::world::World;

crate::on_both_backends![
    an_action_has_its_libraries,
    modules_are_shared_and_tested,
    a_pack_brings_the_packs_that_it_needs,
];

fn an_action_has_its_libraries(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let tables = world.publish("tables")?;
    let read = ["tables.read", "text=name;age\nAda;36\n", "delimiter=;"];

    world.install(&tables, "1.0.0")?;
    let rows = json!([{ "name": "Ada", "age": "36" }]);
    assert_eq!(
        world.returned(&read)?,
        json!({ "rows": rows, "library": "1.0" })
    );
    let failed = world.run(&["tables.read", "text=name"])?;
    assert_eq!(
        (&failed["status"], &failed["result"]["result"]),
        (&json!("failed"), &json!("there is no row in it"))
    );

    world.install(&tables, "1.1.0")?;
    assert_eq!(
        world.returned(&read)?,
        json!({ "rows": rows, "library": "2.0" })
    );
    world.remove("tables")
}

fn modules_are_shared_and_tested(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let garden = world.publish("garden")?;

    world.install(&garden, "1.0.0")?;
    let sown = world.returned(&["garden.sow", "name=carrot", "rows=2"])?;
    assert_eq!(sown, json!({ "plants": 20, "name": "Daucus carota" }));
    let counted = world.returned(&["garden.count", "rows=4"])?;
    assert_eq!(counted, json!({ "plants": 40, "gardener": "nobody" }));

    // Its own tests pass, where the node has unpacked it.
    let pack = world.get("/v1/packs/garden")?;
    let folder = pack["path"].as_str().context("it has a folder")?;
    let tested = Command::new(binary())
        .args(["pack", "test", folder, "--data-dir"])
        .arg(world.engine.folder().join("data"))
        .output()?;
    let said = [tested.stdout, tested.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    ensure!(tested.status.success(), "{said}");
    assert!(said.contains("Ran 2 tests"), "{said}");

    // A configuration by file counts when the pack is registered.
    let configs = world.engine.folder().join("data/configs");
    std::fs::create_dir_all(&configs)?;
    std::fs::write(configs.join("garden.yaml"), "gardener: Eve\n")?;
    world.install(&garden, "1.1.0")?;
    let weeded = world.returned(&["garden.weed"])?;
    assert_eq!(weeded, json!({ "plants": 0, "gardener": "Eve" }));
    let gone = world.engine.http.get("/v1/actions/garden.count")?;
    assert_eq!(gone.status, 404, "what the new version lacks is gone");
    world.remove("garden")
}

fn a_pack_brings_the_packs_that_it_needs(backend: Backend) -> Result<()> {
    let world = World::on(backend)?;
    let (garden, kitchen) = (world.publish("garden")?, world.publish("kitchen")?);

    world.install(&kitchen, "1.0.0")?;
    assert_eq!(world.get("/v1/packs/garden")?["version"], "1.0.0");
    let cooked = world.result(&["kitchen.cook"])?;
    let served = json!({ "plants": 30, "name": "Daucus carota" });
    assert_eq!(cooked["output"]["served"], served);

    // The new version wants another garden than the one that is there.
    let update = format!("{kitchen}=1.1.0");
    let (code, said) = world.tried(&["pack", "install", &update])?;
    ensure!(code != 0, "{said}");
    assert_eq!(world.get("/v1/packs/kitchen")?["version"], "1.0.0");
    world.install(&garden, "1.1.0")?;
    world.install(&kitchen, "1.1.0")?;
    assert_eq!(world.result(&["kitchen.cook"])?["output"]["served"], served);

    world.remove("kitchen")?;
    assert_eq!(world.get("/v1/packs/garden")?["version"], "1.1.0");
    world.remove("garden")
}
