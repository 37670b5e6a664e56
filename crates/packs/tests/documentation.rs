//! What the documentation says of packs is so.

#![expect(
    clippy::unwrap_used,
    reason = "documentation that cannot be read must fail the test"
)]

use std::path::{Path, PathBuf};

use serde_json::Value;

fn page(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// A text with each run of white space as one space.
fn flowing(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The YAML blocks of a page, by the file that their first line names.
fn examples(page: &str) -> Vec<(PathBuf, String)> {
    page.split("```yaml\n# ")
        .skip(1)
        .map(|block| {
            let block = block.split("```").next().unwrap();
            let (file, text) = block.split_once('\n').unwrap();
            (PathBuf::from(file), format!("---\n{text}"))
        })
        .collect()
}

#[test]
fn every_disagreement_with_the_other_engine_is_documented() {
    let page = flowing(&page("differences-from-stackstorm.md"));
    let known: Vec<Value> = serde_json::from_str(include_str!("../differences.json")).unwrap();

    for difference in known {
        for member in ["case", "reason"] {
            let text = flowing(difference[member].as_str().unwrap());
            assert!(page.contains(&text), "the page does not have `{text}`");
        }
    }
}

#[test]
fn the_examples_make_a_pack_without_complaints() {
    let page = page("packs.md");
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("hello");
    let examples = examples(&page);
    assert_eq!(examples.len(), page.matches("```yaml").count());
    // Configurations lie beside packs, not in them.
    let (configurations, files): (Vec<_>, Vec<_>) = examples
        .iter()
        .partition(|(file, _)| file.starts_with("configs"));
    for (file, text) in configurations {
        let values = yaml::parse(text).unwrap().root.to_json();
        let checked = packs::definition::check_config(&values, None);
        assert!(checked.is_ok(), "{}: {checked:?}", file.display());
    }
    for (file, text) in &files {
        let path = pack.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    let results = packs::lint(&[pack]);

    assert_eq!(results.len(), files.len(), "{results:#?}");
    for result in results {
        assert_eq!(result.ok, Some(true), "{result:#?}");
        assert!(result.warnings.is_empty(), "{result:#?}");
    }
}
