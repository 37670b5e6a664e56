//! Indexes of packs that can be installed, in the form of StackStorm's `index.json`.

use std::path::Path;

use model::Object;
use serde::Serialize;
use serde_json::Value;

/// Members of an index entry that a search does not look at.
const NOT_SEARCHED: [&str; 2] = ["repo_url", "email"];
/// Members whose matches come first, in this order.
const FIRST: [&str; 2] = ["name", "keywords"];
/// Bytes that an index may have.
const MAX_SIZE: usize = 32 * 1024 * 1024;
/// How long an index may take to answer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// What became of one index; the members are those of st2's answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IndexStatus {
    /// Where it is: a URL or a file.
    pub url: String,
    /// How many packs it has.
    pub packs: usize,
    /// `Success.`, or what is wrong.
    pub message: String,
    /// What kind of thing is wrong: `malformed`, `unresponsive`, `empty`.
    pub error: Option<&'static str>,
}

/// What all indexes have together; of two packs with one name the one in the first index counts.
#[derive(Debug, Clone, Default)]
pub struct Index {
    /// An entry for each pack, by name.
    pub packs: Object,
    /// One for each index, the last that was asked for first, as StackStorm has them.
    pub status: Vec<IndexStatus>,
}

impl Index {
    /// Reads these indexes: URLs (`http`, `https`, `file`) or paths of files.
    pub async fn read(indexes: &[String]) -> Self {
        let mut whole = Self::default();
        for url in indexes.iter().rev() {
            let (status, packs) = match read_one(url).await {
                Ok(packs) => (Ok(packs.len()), packs),
                Err((kind, message)) => (Err((kind, message)), Object::new()),
            };
            whole.packs.extend(packs);
            let (packs, message, error) = match status {
                Ok(count) => (count, "Success.".to_owned(), None),
                Err((kind, message)) => (0, message, Some(kind)),
            };
            if let Some(kind) = error {
                tracing::warn!(index = url, "a pack index is {kind}: {message}");
            }
            whole.status.push(IndexStatus {
                url: url.clone(),
                packs,
                message,
                error,
            });
        }
        whole
    }

    /// The entries in which a text occurs, in any case; those that are called so come first.
    #[must_use]
    pub fn search(&self, query: &str) -> Vec<&Value> {
        let query = query.to_lowercase();
        let mut found: Vec<(usize, &Value)> = Vec::new();
        for pack in self.packs.values() {
            let members = pack.as_object().into_iter().flatten();
            let hit = members
                .filter(|(name, _)| !NOT_SEARCHED.contains(&name.as_str()))
                .find(|(_, value)| holds(value, &query));
            if let Some((name, _)) = hit {
                let rank = FIRST.iter().position(|first| first == name);
                found.push((rank.unwrap_or(FIRST.len()), pack));
            }
        }
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, pack)| pack).collect()
    }
}

/// A text holds a part of it, a list one of its items, an object a key.
fn holds(value: &Value, query: &str) -> bool {
    match value {
        Value::String(text) => text.to_lowercase().contains(query),
        Value::Array(items) => items.iter().any(|item| {
            item.as_str()
                .is_some_and(|item| item.to_lowercase() == query)
        }),
        Value::Object(members) => members.keys().any(|name| name.to_lowercase() == query),
        other => other.to_string().contains(query),
    }
}

type Fault = (&'static str, String);

async fn read_one(url: &str) -> Result<Object, Fault> {
    let bytes = match url.split_once("://") {
        Some(("http" | "https", _)) => fetch(url).await.map_err(|error| ("unresponsive", error))?,
        Some(("file", path)) => read_file(Path::new(path)).await?,
        _ => read_file(Path::new(url)).await?,
    };
    let value: Value =
        serde_json::from_slice(&bytes).map_err(|error| ("malformed", error.to_string()))?;
    match value {
        Value::Object(members) if members.is_empty() => {
            Err(("empty", "The index has an empty object.".to_owned()))
        }
        Value::Object(mut members) => match members.remove("packs") {
            Some(Value::Object(packs)) => Ok(packs),
            _ => Err(("malformed", "The index has no object \"packs\".".to_owned())),
        },
        _ => Err((
            "malformed",
            "Expected an index object, got something else.".to_owned(),
        )),
    }
}

async fn read_file(path: &Path) -> Result<Vec<u8>, Fault> {
    tokio::fs::read(path)
        .await
        .map_err(|error| ("unresponsive", format!("{}: {error}", path.display())))
}

async fn fetch(url: &str) -> Result<Vec<u8>, String> {
    let told = |error: reqwest::Error| {
        let error = error.without_url();
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
    };
    let client = reqwest::Client::builder().timeout(PATIENCE).build();
    let answer = client.map_err(told)?.get(url).send().await.map_err(told)?;
    let mut answer = answer.error_for_status().map_err(told)?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(told)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_SIZE {
            return Err(format!("it has more than {} MiB", MAX_SIZE >> 20));
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(folder: &Path, name: &str, text: &str) -> String {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    #[tokio::test]
    async fn the_first_index_counts_and_a_broken_one_harms_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let pack =
            |from: &str| json!({"packs": {"a": {"name": "a", "description": from}}}).to_string();
        let first = written(folder.path(), "first", &pack("first"));
        let second = format!(
            "file://{}",
            written(folder.path(), "second", &pack("second"))
        );
        let broken = written(folder.path(), "broken", "[]");
        let gone = folder.path().join("gone").display().to_string();

        let index = Index::read(&[first, second, broken, gone]).await;

        assert_eq!(index.packs["a"]["description"], "first");
        let errors: Vec<_> = index.status.iter().map(|status| status.error).collect();
        assert_eq!(
            errors,
            [Some("unresponsive"), Some("malformed"), None, None]
        );
        assert_eq!(index.status[3].message, "Success.");
    }

    #[test]
    fn finds_names_before_keywords_before_the_rest() {
        let packs = json!({
            "x": {"name": "x", "description": "about Chat", "repo_url": "a"},
            "y": {"name": "y", "keywords": ["Chat"]},
            "z": {"name": "chatty", "email": "chat@example.com"},
            "w": {"name": "w", "email": "chat@example.com", "keywords": ["chats"]},
        });
        let index = Index {
            packs: packs.as_object().cloned().unwrap(),
            status: Vec::new(),
        };

        let found: Vec<_> = index
            .search("chat")
            .into_iter()
            .map(|pack| &pack["name"])
            .collect();

        assert_eq!(found, ["chatty", "y", "x"]);
    }
}
