//! Files of packs, found by paths that cannot lead out of the pack.

use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use executions::PackFolders;
use model::Pack;

use crate::{Api, ApiError};

/// Larger files are not shown. Bytes.
pub(crate) const MAX_FILE_SIZE: u64 = 500 * 1000;

/// The pack with this ref or id; 404 where there is none.
pub(crate) async fn find_pack(api: &Api, ref_or_id: &str) -> Result<Pack, ApiError> {
    let found: Option<Pack> = api.store.find(ref_or_id).await?;
    let pack = found.ok_or_else(|| {
        ApiError::NotFound(format!(
            "Resource with a ref or id \"{ref_or_id}\" not found"
        ))
    })?;
    // What was installed through another node is unpacked; where that fails, whoever wants a file is told.
    if let Err(error) = PackFolders::new(api.store.clone())
        .folder(&pack.pack_ref)
        .await
    {
        tracing::warn!(pack = pack.pack_ref, "{error}");
    }
    Ok(pack)
}

/// The folder that a pack was registered from.
pub(crate) fn folder(pack: &Pack) -> Result<PathBuf, ApiError> {
    let path = pack
        .path
        .as_deref()
        .map(PathBuf::from)
        .filter(|path| path.is_dir());
    path.ok_or_else(|| {
        ApiError::BadRequest(format!(
            "Directory for pack \"{}\" doesn't exist",
            pack.pack_ref
        ))
    })
}

/// The file at a path relative to `folder`; 400 where the path leads out of it.
pub(crate) fn inside(folder: &Path, relative: &str) -> Result<PathBuf, ApiError> {
    let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    let path = Path::new(relative);
    if relative.is_empty() || relative.contains('\0') || !path.components().all(is_plain) {
        return Err(ApiError::BadRequest(format!(
            "Invalid file path: \"{relative}\". File path needs to be relative to the pack directory ({}). For \
             example \"my_action.py\".",
            folder.display()
        )));
    }
    Ok(folder.join(path))
}

/// What a file holds; `None` where there is no such file, 400 where it is too large.
pub(crate) async fn read(path: &Path) -> Result<Option<Vec<u8>>, ApiError> {
    match tokio::fs::metadata(path).await {
        Ok(metadata) if !metadata.is_file() => Ok(None),
        Ok(metadata) if metadata.len() > MAX_FILE_SIZE => Err(ApiError::BadRequest(format!(
            "File {} exceeds maximum allowed file size ({MAX_FILE_SIZE} bytes)",
            name(path)
        ))),
        Ok(_) => tokio::fs::read(path)
            .await
            .map(Some)
            .map_err(|error| fault(path, "read", &error)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(fault(path, "read", &error)),
    }
}

/// Writes a file and the folders it lies in.
pub(crate) async fn write(path: &Path, content: &[u8]) -> Result<(), ApiError> {
    let written = async {
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        tokio::fs::write(path, content).await
    };
    written
        .await
        .map_err(|error| fault(path, "written", &error))
}

/// Removes a file; one that is not there is gone already.
pub(crate) async fn remove(path: &Path) -> Result<(), ApiError> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(fault(path, "removed", &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The type of a file by its name, as Python's `mimetypes` knows it.
pub(crate) fn media_type(path: &Path) -> Option<&'static str> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    Some(match extension.as_str() {
        "py" => "text/x-python",
        "sh" => "application/x-sh",
        "md" => "text/markdown",
        "txt" | "bat" | "ksh" | "pl" => "text/plain",
        "html" | "htm" => "text/html",
        "css" => "text/css",
        "csv" => "text/csv",
        "js" => "application/javascript",
        "json" => "application/json",
        "xml" => "text/xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        _ => return None,
    })
}

fn name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn fault(path: &Path, what: &str, error: &std::io::Error) -> ApiError {
    ApiError::BadRequest(format!(
        "The file \"{}\" of the pack cannot be {what}: {error}",
        name(path)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_a_pack() {
        let folder = Path::new("/packs/demo");

        assert_eq!(
            inside(folder, "actions/a.py").unwrap(),
            folder.join("actions/a.py")
        );
        for path in ["../x", "actions/../../x", "/etc/passwd", "", "a\0b"] {
            assert!(
                matches!(inside(folder, path), Err(ApiError::BadRequest(_))),
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn what_is_not_there_is_no_fault() {
        let path = Path::new("/nowhere/at/all.yaml");

        assert_eq!(read(path).await.unwrap(), None);
        remove(path).await.unwrap();
    }
}
