//! Tar, gzipped or not, and zip.

use std::io::{self, Cursor, Read};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

use crate::content::ArchiveError;
use crate::{Content, Entry, MAX_SIZE};

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZIP: &[u8] = b"PK\x03\x04";
/// Where a tar says that it is one.
const USTAR: std::ops::Range<usize> = 257..262;

impl Content {
    /// Of an archive: a tar, a gzipped one, or a zip.
    pub fn of_archive(bytes: &[u8]) -> Result<Self, ArchiveError> {
        if bytes.starts_with(GZIP) {
            return of_tar(MultiGzDecoder::new(bytes));
        }
        if bytes.starts_with(ZIP) {
            return of_zip(bytes);
        }
        if bytes.get(USTAR) == Some(b"ustar") {
            return of_tar(bytes);
        }
        Err(ArchiveError::UnknownFormat)
    }

    /// A gzipped tar, the same bytes for the same content.
    pub fn to_archive(&self) -> Result<Vec<u8>, ArchiveError> {
        self.write_tar().map_err(ArchiveError::Broken)
    }

    fn write_tar(&self) -> io::Result<Vec<u8>> {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
        for (path, entry) in self.entries() {
            let mut header = tar::Header::new_gnu();
            header.set_mtime(0);
            match entry {
                Entry::File { bytes, executable } => {
                    header.set_mode(if *executable { 0o755 } else { 0o644 });
                    header.set_size(bytes.len() as u64);
                    tar.append_data(&mut header, path, bytes.as_slice())?;
                }
                Entry::Link(target) => {
                    header.set_entry_type(tar::EntryType::Symlink);
                    header.set_mode(0o777);
                    header.set_size(0);
                    header.set_mode(0o644);
                    tar.append_link(&mut header, path, target)?;
                }
            }
        }
        tar.into_inner()?.finish()
    }
}

fn of_tar(reader: impl Read) -> Result<Content, ArchiveError> {
    // Headers and padding count too, so that an archive of nothing ends as well.
    let mut archive = tar::Archive::new(reader.take(2 * MAX_SIZE));
    let mut content = Content::default();
    for entry in archive.entries().map_err(ArchiveError::Broken)? {
        let mut entry = entry.map_err(ArchiveError::Broken)?;
        let path = entry.path().map_err(ArchiveError::Broken)?.into_owned();
        let kind = entry.header().entry_type();
        if kind.is_symlink() {
            let target = entry.link_name().map_err(ArchiveError::Broken)?;
            let target = target.unwrap_or_default().to_string_lossy().into_owned();
            content.add(&path, Entry::Link(target))?;
        } else if kind.is_hard_link() {
            let first = entry.link_name().map_err(ArchiveError::Broken)?;
            content.add_again(&path, &first.unwrap_or_default())?;
        } else if kind.is_file() {
            let mode = entry.header().mode().map_err(ArchiveError::Broken)?;
            let bytes = read(&mut entry, content.room())?;
            let executable = mode & 0o100 != 0;
            content.add(&path, Entry::File { bytes, executable })?;
        }
    }
    content.settled()
}

fn of_zip(bytes: &[u8]) -> Result<Content, ArchiveError> {
    let broken = |error: zip::result::ZipError| ArchiveError::Broken(io::Error::other(error));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut content = Content::default();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(broken)?;
        if entry.is_dir() {
            continue;
        }
        let path = entry.name().to_owned();
        let mode = entry.unix_mode().unwrap_or(0o644);
        let (is_link, executable) = (entry.is_symlink(), mode & 0o100 != 0);
        let bytes = read(&mut entry, content.room())?;
        let entry = if is_link {
            Entry::Link(String::from_utf8_lossy(&bytes).into_owned())
        } else {
            Entry::File { bytes, executable }
        };
        content.add(path.as_ref(), entry)?;
    }
    content.settled()
}

fn read(from: impl Read, room: u64) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = Vec::new();
    from.take(room + 1)
        .read_to_end(&mut bytes)
        .map_err(ArchiveError::Broken)?;
    if bytes.len() as u64 > room {
        return Err(ArchiveError::TooLarge);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::Path;

    use super::*;

    fn content() -> Content {
        let mut content = Content::default();
        let long = format!("{}/{}", "d".repeat(90), "f".repeat(90));
        for (path, executable) in [("pack.yaml", false), ("actions/a.sh", true), (&long, false)] {
            let bytes = path.as_bytes().to_vec();
            let entry = Entry::File { bytes, executable };
            content.add(Path::new(path), entry).unwrap();
        }
        let link = Entry::Link("actions/a.sh".into());
        content.add(Path::new("link"), link).unwrap();
        content
    }

    #[test]
    fn an_archive_holds_what_it_was_made_of() {
        let archive = content().to_archive().unwrap();

        assert_eq!(Content::of_archive(&archive).unwrap(), content());
        assert_eq!(content().to_archive().unwrap(), archive);
    }

    #[test]
    fn a_file_with_two_names_is_two_files() {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o755);
        header.set_size(1);
        tar.append_data(&mut header, "./a.sh", &b"x"[..]).unwrap();
        header.set_size(0);
        header.set_entry_type(tar::EntryType::Link);
        tar.append_link(&mut header, "./b.sh", "./a.sh").unwrap();
        let whole = tar.get_ref().clone();
        let content = Content::of_archive(&tar.into_inner().unwrap()).unwrap();

        let file = Entry::File {
            bytes: b"x".to_vec(),
            executable: true,
        };
        let found: Vec<_> = content.entries().collect();
        assert_eq!(found, [("a.sh", &file), ("b.sh", &file)]);
        let second_alone = &whole[1024..];
        assert!(matches!(
            Content::of_archive(second_alone),
            Err(ArchiveError::Broken(_))
        ));
    }

    #[test]
    fn reads_zips() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("demo-1/pack.yaml", options).unwrap();
        zip.write_all(b"name: demo\n").unwrap();
        zip.start_file("demo-1/a.sh", options.unix_permissions(0o755))
            .unwrap();
        let bytes = zip.finish().unwrap().into_inner();

        let content = Content::of_archive(&bytes).unwrap().without_single_top();

        assert_eq!(content.file("pack.yaml"), Some(&b"name: demo\n"[..]));
        let script = Entry::File {
            bytes: Vec::new(),
            executable: true,
        };
        assert!(
            content
                .entries()
                .any(|(path, entry)| path == "a.sh" && *entry == script)
        );
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        let mut broken = content().to_archive().unwrap();
        broken.truncate(broken.len() / 2);

        assert!(matches!(
            Content::of_archive(&broken),
            Err(ArchiveError::Broken(_))
        ));
        assert!(matches!(
            Content::of_archive(b"name: demo\n"),
            Err(ArchiveError::UnknownFormat)
        ));
    }

    #[test]
    fn an_archive_that_leads_out_is_refused() {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.set_size(0);
        header.set_mode(0o644);
        // The library itself refuses to write such a name.
        header.as_old_mut().name[..8].copy_from_slice(b"../x.txt");
        header.set_cksum();
        tar.append(&header, io::empty()).unwrap();
        let bytes = tar.into_inner().unwrap();

        assert!(matches!(
            Content::of_archive(&bytes),
            Err(ArchiveError::Outside(_))
        ));
    }
}
