//! Records of the conductor's state as the store keeps them: under text keys, as JSON texts, sealed where a workflow
//! knows secrets.

use conductor::{Changes, ErrorId, Record, RecordKey, StagedId, State};
use secrets::Vault;
use store::RecordChange;

/// The key of what this crate itself remembers of a workflow.
pub(crate) const META: &str = "meta";

/// Why records cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    #[error("the record `{0}` is none of a workflow's")]
    Key(String),
    #[error("the record `{key}` cannot be read: {reason}")]
    Body { key: String, reason: String },
}

/// A key as the store has it.
pub(crate) fn key_text(key: RecordKey) -> String {
    match key {
        RecordKey::Workflow => "workflow".to_owned(),
        RecordKey::Context(at) => format!("context/{at}"),
        RecordKey::List(at) => format!("list/{at}"),
        RecordKey::Route(at) => format!("route/{at}"),
        RecordKey::Arrival(at) => format!("arrival/{at}"),
        RecordKey::Entry(at) => format!("entry/{at}"),
        RecordKey::Staged(StagedId(id)) => format!("staged/{id}"),
        RecordKey::Items(StagedId(id)) => format!("items/{id}"),
        RecordKey::Item(StagedId(id), item) => format!("item/{id}/{item}"),
        RecordKey::Error(ErrorId(id)) => format!("error/{id}"),
    }
}

fn parse_key(text: &str) -> Option<RecordKey> {
    let mut parts = text.split('/');
    let kind = parts.next()?;
    let mut number = || parts.next()?.parse::<u64>().ok();
    let index = |number: u64| usize::try_from(number).ok();
    Some(match kind {
        "workflow" => RecordKey::Workflow,
        "context" => RecordKey::Context(index(number()?)?),
        "list" => RecordKey::List(index(number()?)?),
        "route" => RecordKey::Route(index(number()?)?),
        "arrival" => RecordKey::Arrival(index(number()?)?),
        "entry" => RecordKey::Entry(index(number()?)?),
        "staged" => RecordKey::Staged(StagedId(number()?)),
        "items" => RecordKey::Items(StagedId(number()?)),
        "item" => {
            let staged = StagedId(number()?);
            RecordKey::Item(staged, index(number()?)?)
        }
        "error" => RecordKey::Error(ErrorId(number()?)),
        _ => return None,
    })
}

/// What is to be stored of changes of a state. With a vault, what may repeat a secret is sealed.
pub(crate) fn changes_of(
    state: &State,
    changes: &Changes,
    vault: Option<&Vault>,
) -> Result<Vec<RecordChange>, RecordError> {
    let mut stored = Vec::with_capacity(changes.keys().len());
    for key in changes.keys() {
        if let RecordKey::Items(StagedId(id)) = key {
            stored.push(RecordChange::RemoveUnder {
                prefix: format!("item/{id}/"),
            });
        }
        let change = match state.record(key) {
            Some(record) => RecordChange::Put {
                key: key_text(key),
                body: body_of(key, &record, vault)?,
            },
            None => RecordChange::Remove { key: key_text(key) },
        };
        stored.push(change);
    }
    Ok(stored)
}

/// All of a state, as it is to be stored anew.
pub(crate) fn all_of(
    state: &State,
    vault: Option<&Vault>,
) -> Result<Vec<RecordChange>, RecordError> {
    let put = |(key, record): (RecordKey, Record)| {
        Ok(RecordChange::Put {
            key: key_text(key),
            body: body_of(key, &record, vault)?,
        })
    };
    state.records().map(put).collect()
}

fn body_of(key: RecordKey, record: &Record, vault: Option<&Vault>) -> Result<String, RecordError> {
    let text = serde_json::to_string(record).map_err(|error| RecordError::Body {
        key: key_text(key),
        reason: error.to_string(),
    })?;
    Ok(match vault {
        Some(vault) if may_repeat_a_secret(key) => {
            serde_json::Value::String(vault.seal(&text)).to_string()
        }
        _ => text,
    })
}

fn may_repeat_a_secret(key: RecordKey) -> bool {
    matches!(
        key,
        RecordKey::Workflow | RecordKey::Context(_) | RecordKey::Error(_)
    )
}

/// A record as it was stored; none where it is not one of the conductor's.
pub(crate) fn read(
    key: &str,
    body: &str,
    vault: &Vault,
) -> Result<(RecordKey, Record), RecordError> {
    let known = parse_key(key).ok_or_else(|| RecordError::Key(key.to_owned()))?;
    let unreadable = |reason: String| RecordError::Body {
        key: key.to_owned(),
        reason,
    };
    let parsed = if body.starts_with('"') && may_repeat_a_secret(known) {
        let sealed: String =
            serde_json::from_str(body).map_err(|error| unreadable(error.to_string()))?;
        let text = vault
            .open(&sealed)
            .map_err(|error| unreadable(error.to_string()))?;
        serde_json::from_str(&text)
    } else {
        serde_json::from_str(body)
    };
    let record: Record = parsed.map_err(|error| unreadable(error.to_string()))?;
    Ok((known, record))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_key_that_it_writes() {
        let keys = [
            RecordKey::Workflow,
            RecordKey::Context(1),
            RecordKey::List(2),
            RecordKey::Route(3),
            RecordKey::Arrival(4),
            RecordKey::Entry(5),
            RecordKey::Staged(StagedId(6)),
            RecordKey::Items(StagedId(7)),
            RecordKey::Item(StagedId(8), 9),
            RecordKey::Error(ErrorId(10)),
        ];
        for key in keys {
            assert_eq!(parse_key(&key_text(key)), Some(key));
        }
        assert_eq!(parse_key("task/3"), None);
    }

    #[test]
    fn what_may_repeat_a_secret_is_sealed_and_read_again() {
        let vault = Vault::ephemeral();
        let key = RecordKey::Context(0);
        let record = Record::Context(pyvalue::Value::from_json(
            &serde_json::json!({"password": "hunter2"}),
        ));

        let body = body_of(key, &record, Some(&vault)).unwrap();

        assert!(!body.contains("hunter2"), "{body}");
        assert_eq!(read("context/0", &body, &vault).unwrap().1, record);
    }
}
