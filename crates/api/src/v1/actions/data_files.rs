//! Files that come with an action: written into the folder of its pack, and told to rules
//! (`core.st2.action.file_written`), so that somebody can commit them.

use intake::{Event, Target};
use model::{Action, Object, Pack};
use serde_json::{Value, json};

use crate::extract::Fields;
use crate::pack_file::{find_pack, folder, inside, write};
use crate::{Api, ApiError};

const TRIGGER: &str = "core.st2.action.file_written";

/// A file that a body brings, at its path relative to the pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DataFile {
    path: String,
    content: String,
}

/// Takes `data_files` out of a body.
pub(super) fn take(body: &mut Object) -> Result<Vec<DataFile>, ApiError> {
    let files = Fields(body)
        .list("data_files")?
        .unwrap_or_default()
        .iter()
        .map(read)
        .collect();
    body.remove("data_files");
    files
}

/// Paths are relative to the pack's `actions`, which may be named.
fn read(file: &Value) -> Result<DataFile, ApiError> {
    let Value::Object(file) = file else {
        return Err(ApiError::bad_request(
            "every one of data_files must be an object with file_path and content",
        ));
    };
    let fields = Fields(file);
    let path = fields.required_text("file_path")?;
    let content = fields.required_text("content")?.to_owned();
    Ok(DataFile {
        path: format!("actions/{}", path.strip_prefix("actions/").unwrap_or(path)),
        content,
    })
}

/// Writes the files; none where one of the paths leads out of the pack.
pub(super) async fn store(api: &Api, pack: &str, files: &[DataFile]) -> Result<(), ApiError> {
    if files.is_empty() {
        return Ok(());
    }
    let mut pack: Pack = find_pack(api, pack).await?;
    let folder = folder(&pack)?;
    let paths = files
        .iter()
        .map(|file| inside(&folder, &file.path))
        .collect::<Result<Vec<_>, _>>()?;
    for (path, file) in paths.iter().zip(files) {
        write(path, file.content.as_bytes()).await?;
    }
    pack.files
        .extend(files.iter().map(|file| file.path.clone()));
    pack.files.sort();
    pack.files.dedup();
    api.store.save(pack).await?;
    Ok(())
}

/// Tells rules, where one listens. The action stands whatever becomes of the events: a failure is logged.
pub(super) async fn tell(api: &Api, action: &Action, files: &[DataFile]) {
    if !api.intake.is_wanted(TRIGGER) {
        return;
    }
    for file in files {
        let payload = json!({"ref": action.action_ref, "file_path": file.path, "host_info": {}});
        let event = Event {
            target: Target::Reference(TRIGGER.to_owned()),
            payload,
            trace: None,
            caused_by: None,
        };
        if let Err(error) = api.intake.accept(event).await {
            tracing::error!(action.ref = %action.action_ref, "a written file could not be told to rules: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_actions_of_the_pack() {
        let mut body = json!({"name": "x", "data_files": [
            {"file_path": "a.py", "content": "1"}, {"file_path": "actions/b.py", "content": ""},
        ]});
        let body = body.as_object_mut().unwrap();

        let files = take(body).unwrap();

        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["actions/a.py", "actions/b.py"]);
        assert!(!body.contains_key("data_files"));
    }
}
