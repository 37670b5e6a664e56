//! What steps make of a workflow's state and of its records.

use std::collections::BTreeMap;

use model::ExecutionStatus;

use crate::result::StoredResult;

/// Whether a conductor's `next` may take the place of `current`, which somebody else may have asked for meanwhile.
pub(super) fn may_follow(current: ExecutionStatus, next: ExecutionStatus) -> bool {
    use ExecutionStatus as S;
    match next {
        S::Running => matches!(current, S::Resuming | S::Paused | S::Pausing | S::Pending),
        S::Pausing | S::Paused | S::Resuming | S::Pending => {
            current != next && current != S::Canceling
        }
        S::Canceling => current != S::Canceling,
        // A workflow that has begun does not go back, and ends are told as such.
        S::Requested
        | S::Delayed
        | S::Scheduled
        | S::Succeeded
        | S::Failed
        | S::TimedOut
        | S::Abandoned
        | S::Canceled => false,
    }
}

/// A change of records, with the body as it is stored.
pub(super) enum StoredChange {
    Put { key: String, body: StoredResult },
    Remove { key: String },
    RemoveUnder { prefix: String },
}

/// The first and the last key of what goes, and what is put then.
pub(super) type RecordParts = (Vec<(String, String)>, Vec<(String, StoredResult)>);

/// What steps make of a workflow's records: first some go, then others are put.
#[derive(Default)]
pub(super) struct Records {
    /// What keys begin with.
    prefixes: Vec<String>,
    /// New bodies by key; none where the record goes.
    by_key: BTreeMap<String, Option<StoredResult>>,
}

impl Records {
    /// Adds the changes of one more step.
    pub(super) fn change(&mut self, changes: Vec<StoredChange>) {
        for change in &changes {
            if let StoredChange::RemoveUnder { prefix } = change {
                self.by_key.retain(|key, _| !key.starts_with(prefix));
                self.prefixes.push(prefix.clone());
            }
        }
        for change in changes {
            match change {
                StoredChange::Put { key, body } => self.by_key.insert(key, Some(body)),
                StoredChange::Remove { key } => self.by_key.insert(key, None),
                StoredChange::RemoveUnder { .. } => None,
            };
        }
    }

    pub(super) fn into_parts(self) -> RecordParts {
        let mut gone: Vec<(String, String)> = self
            .prefixes
            .into_iter()
            .map(|prefix| {
                let last = format!("{prefix}{}", char::MAX);
                (prefix, last)
            })
            .collect();
        let mut put = Vec::with_capacity(self.by_key.len());
        for (key, body) in self.by_key {
            match body {
                Some(body) => put.push((key, body)),
                None => gone.push((key.clone(), key)),
            }
        }
        (gone, put)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn put(key: &str, body: u8) -> StoredChange {
        StoredChange::Put {
            key: key.into(),
            body: StoredResult::of(&json!(body)),
        }
    }

    fn remove(key: &str) -> StoredChange {
        StoredChange::Remove { key: key.into() }
    }

    fn remove_under(prefix: &str) -> StoredChange {
        StoredChange::RemoveUnder {
            prefix: prefix.into(),
        }
    }

    type Parts = (Vec<String>, Vec<(String, String)>);

    fn parts(steps: Vec<Vec<StoredChange>>) -> Parts {
        let mut records = Records::default();
        for step in steps {
            records.change(step);
        }
        let (gone, put) = records.into_parts();
        (
            gone.into_iter().map(|(first, _)| first).collect(),
            put.into_iter()
                .map(|(key, body)| (key, body.inline.unwrap()))
                .collect(),
        )
    }

    #[test]
    fn removes_under_a_prefix_before_the_same_step_puts() {
        let step = vec![put("a/1", 1), remove_under("a/")];

        assert_eq!(
            parts(vec![step]),
            (vec!["a/".into()], vec![("a/1".into(), "1".into())])
        );
    }

    #[test]
    fn lets_later_steps_and_changes_have_the_last_word() {
        let steps = vec![
            vec![put("a/1", 1), put("b", 1), put("c", 1), put("c", 2)],
            vec![remove_under("a/"), remove("b"), remove("d"), put("d", 3)],
        ];

        assert_eq!(
            parts(steps),
            (
                vec!["a/".into(), "b".into()],
                vec![("c".into(), "2".into()), ("d".into(), "3".into())]
            )
        );
    }

    #[test]
    fn sets_a_state_only_where_nobody_asked_for_another() {
        use ExecutionStatus as S;

        let taken_by = |next: S| -> Vec<S> {
            S::ALL
                .iter()
                .copied()
                .filter(|current| !current.is_final() && may_follow(*current, next))
                .collect()
        };

        assert_eq!(
            taken_by(S::Running),
            [S::Pausing, S::Paused, S::Resuming, S::Pending]
        );
        for next in [S::Paused, S::Pausing, S::Pending, S::Resuming] {
            assert!(!taken_by(next).contains(&S::Canceling), "{next}");
            assert!(!taken_by(next).contains(&next), "{next}");
            assert!(taken_by(next).contains(&S::Running), "{next}");
        }
        assert!(taken_by(S::Canceling).contains(&S::Paused));
        for next in S::ALL.iter().filter(|next| next.is_final()) {
            assert_eq!(taken_by(*next), [], "{next}");
        }
        assert_eq!(taken_by(S::Requested), []);
    }
}
