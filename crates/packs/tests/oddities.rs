//! What real packs contain beside well-formed YAML: accepted and refused as StackStorm's loader does.

use std::collections::BTreeMap;
use std::fs;

use chrono::DateTime;
use model::IdSource;
use packs::{Catalog, read_pack};

const ABOUT: &[u8] = b"\xef\xbb\xbfname: odd\r\nref: odd\r\ndescription: d\r\nversion: 1.0.0\r\nauthor: a\r\nemail: a@b.cc\r\n";

/// Files of `actions/`, and what is said of them; nothing where they are accepted.
const ACTIONS: &[(&str, &[u8], Option<&str>)] = &[
    ("bom.yaml", b"\xef\xbb\xbfname: bom\nrunner_type: noop\n", None),
    ("crlf.yaml", b"name: crlf\r\nrunner_type: noop\r\nparameters: {}\r\n", None),
    ("short.yml", b"name: short\nrunner_type: noop\n", None),
    ("json.yaml", b"{\"name\": \"json\", \"runner_type\": \"noop\"}", None),
    ("twice.yaml", b"name: first\nname: twice\nrunner_type: noop\n", None),
    ("dots.yaml", b"name: dots\nrunner_type: noop\n...\n", None),
    ("after_tab.yaml", b"name: after_tab\t\nrunner_type:\tnoop\n", None),
    ("emoji.yaml", "name: emoji\nrunner_type: noop\ndescription: \u{1f600}\n".as_bytes(), None),
    (
        "merged.yaml",
        b"name: merged\nrunner_type: noop\nparameters:\n  a: &a {type: string}\n  b:\n    <<: *a\n    description: x\n",
        None,
    ),
    ("no_entry.yaml", b"name: no_entry\nrunner_type: python-script\n", None),
    ("null_entry.yaml", b"name: null_entry\nrunner_type: python-script\nentry_point: ~\n", None),
    ("windows.yaml", b"name: windows\nrunner_type: winrm-ps-cmd\n", None),
    ("remote.yaml", b"name: remote\nrunner_type: remote-shell-script\nentry_point: x.sh\n", None),
    ("tab.yaml", b"name: tab\nparameters:\n\ta: {}\n", Some("indent with spaces")),
    ("latin.yaml", b"name: latin\ndescription: caf\xe9\n", Some("not UTF-8")),
    ("empty.yaml", b"", Some("must hold a mapping, not empty")),
    ("comment.yaml", b"# nothing yet\n", Some("must hold a mapping, not empty")),
    ("list.yaml", b"- a\n", Some("must hold a mapping")),
    ("two.yaml", b"name: two\n---\nname: three\n", Some("a second document starts here")),
    ("colon.yaml", b"name: colon\ndescription: a: b\n", Some("a `:` cannot stand here")),
    ("nul.yaml", b"name: nul\ndescription: a\x00b\n", Some("control characters")),
    ("tag.yaml", b"name: tag\ndescription: !foo bar\n", Some("the tag `!foo` is unknown")),
    ("number.yaml", b"name: 123\nrunner_type: noop\n", Some("\"name\" must be text, not 123")),
    ("truth.yaml", b"name: on\nrunner_type: noop\n", Some("\"name\" must be text, not true")),
    (
        "mistral.yaml",
        b"name: mistral\nrunner_type: mistral-v2\n",
        Some("Mistral was removed"),
    ),
    (
        "converted.yaml",
        b"name: converted\nrunner_type: orquestaconvert\n",
        Some("there is no runner \"orquestaconvert\""),
    ),
];

#[test]
fn oddities_are_taken_as_stackstorm_takes_them() {
    let scratch = tempfile::tempdir().unwrap();
    // What a folder is called does not matter where the pack says its ref.
    let pack = scratch.path().join("Odd-Pack");
    let actions = pack.join("actions");
    fs::create_dir_all(actions.join("folder.yaml")).unwrap();
    fs::write(pack.join("pack.yaml"), ABOUT).unwrap();
    for (name, bytes, _) in ACTIONS {
        fs::write(actions.join(name), bytes).unwrap();
    }
    for passed_over in ["metadata.json", ".hidden.yaml", "UPPER.YAML"] {
        fs::write(actions.join(passed_over), "name: [\n").unwrap();
    }
    std::os::unix::fs::symlink("short.yml", actions.join("linked.yaml")).unwrap();
    std::os::unix::fs::symlink("/nowhere", actions.join("dangling.yaml")).unwrap();

    let mut catalog = Catalog::built_in();
    let reading = read_pack(&pack, &mut catalog, &IdSource::new(), DateTime::UNIX_EPOCH);

    assert_eq!(reading.definitions.pack.pack_ref, "odd");
    let mut said: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for result in &reading.results {
        said.insert(result.file.as_str(), result.error.as_deref());
    }
    assert_eq!(said.remove("pack.yaml"), Some(None));
    assert_eq!(said.remove("actions/linked.yaml"), Some(None));
    for (name, _, wanted) in ACTIONS {
        let said = said.remove(format!("actions/{name}").as_str());
        let said = said.unwrap_or_else(|| panic!("{name} was not looked at"));
        match wanted {
            None => assert_eq!(said, None, "{name}"),
            Some(words) => assert!(
                said.is_some_and(|said| said.contains(words)),
                "{name}: {said:?}"
            ),
        }
    }
    assert_eq!(said, BTreeMap::new(), "looked at by us alone");
    let named = |name: &str| {
        reading
            .definitions
            .actions
            .iter()
            .any(|one| one.name == name)
    };
    assert!(
        named("twice") && !named("first"),
        "the last of two keys counts"
    );
}
