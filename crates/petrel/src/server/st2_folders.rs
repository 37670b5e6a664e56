//! StackStorm's folders as links, for packs that have their names written down: `packs/PACK`, `virtualenvs`,
//! `st2/bin/python`. What is there already and is no link of ours is left alone.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use executions::PackFolders;
use lifecycle::{OnError, Tasks};
use model::Pack;
use store::{DefinitionFilter, Kind, Store, StoreError};

/// How often is looked whether packs have changed.
const EVERY: Duration = Duration::from_secs(1);

/// Keeps the links in `root` for as long as the process serves. `data` is its data folder.
pub(crate) fn keep(root: &Path, data: &Path, store: &Store, tasks: &Tasks) {
    let (links, store) = (Links::new(root, data), store.clone());
    let shutdown = tasks.shutdown().clone();
    tasks.start("st2 folders", OnError::Restart, move || {
        let (links, store, shutdown) = (links.clone(), store.clone(), shutdown.clone());
        async move {
            let (folders, mut seen) = (PackFolders::new(store.clone()), None);
            loop {
                let revision = store.revision(Kind::Pack).await.ok();
                if revision.is_some() && revision != seen {
                    folders.forget();
                    match links.provide(&store, &folders).await {
                        Ok(()) => seen = revision,
                        Err(error) => tracing::warn!("packs cannot be linked: {error}"),
                    }
                }
                if !shutdown.sleep(EVERY).await {
                    return Ok::<_, Infallible>(());
                }
            }
        }
    });
}

/// Where the links are, and where they lead to.
#[derive(Debug, Clone)]
struct Links {
    root: PathBuf,
    data: PathBuf,
}

/// Why a link is not made.
#[derive(Debug, thiserror::Error)]
enum LinkError {
    #[error(
        "`{0}` is there already and is no link of Petrel's: it is left as it is, and packs that count on it find what is \
         there; move it away, or leave `st2_folders` out of petrel.toml"
    )]
    Taken(PathBuf),
    #[error("the link `{0}` cannot be made: may this process write there?")]
    Io(PathBuf, #[source] io::Error),
}

impl Links {
    fn new(root: &Path, data: &Path) -> Self {
        Self {
            root: root.to_owned(),
            data: std::path::absolute(data).unwrap_or_else(|_| data.to_owned()),
        }
    }

    /// Makes the links for the packs of the store.
    async fn provide(&self, store: &Store, folders: &PackFolders) -> Result<(), StoreError> {
        let packs: Vec<Pack> = store.all(&DefinitionFilter::default()).await?;
        let mut wanted = BTreeMap::new();
        for pack in packs {
            match folders.folder(&pack.pack_ref).await {
                Ok(folder) => {
                    wanted.insert(pack.pack_ref, folder);
                }
                Err(error) => tracing::warn!(pack = pack.pack_ref, "it is not linked: {error}"),
            }
        }
        let links = self.clone();
        tokio::task::spawn_blocking(move || links.make(&wanted))
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        Ok(())
    }

    /// Makes all links; those that cannot be made are told in the log.
    fn make(&self, packs: &BTreeMap<String, PathBuf>) {
        let mut wanted = vec![(self.root.join("virtualenvs"), self.data.join("virtualenvs"))];
        let all = self.root.join("packs");
        wanted.extend(
            packs
                .iter()
                .map(|(pack, folder)| (all.join(pack), folder.clone())),
        );
        if let Some(python) = find_python() {
            wanted.push((self.root.join("st2/bin/python"), python));
        }
        for (at, to) in &wanted {
            if let Err(error) = self.link(at, to) {
                tracing::warn!("{:#}", anyhow::Error::from(error));
            }
        }
        self.remove_stale(&all, packs);
    }

    fn link(&self, at: &Path, to: &Path) -> Result<(), LinkError> {
        let failed = |error| LinkError::Io(at.to_owned(), error);
        match fs::symlink_metadata(at) {
            Ok(_)
                if fs::canonicalize(at)
                    .ok()
                    .is_some_and(|there| Some(there) == fs::canonicalize(to).ok()) =>
            {
                return Ok(());
            }
            Ok(_) if self.is_ours(at) => {}
            Ok(_) => return Err(LinkError::Taken(at.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let folder = at.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).map_err(failed)?;
        // In its place in one step: at no time is there none.
        let name = at.file_name().unwrap_or_default().to_string_lossy();
        let draft = folder.join(format!(".{name}.petrel"));
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        symlink(to, &draft).map_err(failed)?;
        fs::rename(&draft, at).map_err(failed)
    }

    /// A link into the data folder, or to nothing.
    fn is_ours(&self, at: &Path) -> bool {
        fs::read_link(at).is_ok_and(|to| to.starts_with(&self.data) || !at.exists())
    }

    /// Removes links into the data folder, to packs that are there no more.
    fn remove_stale(&self, all: &Path, packs: &BTreeMap<String, PathBuf>) {
        let entries = fs::read_dir(all).into_iter().flatten();
        for entry in entries.filter_map(Result::ok) {
            let (path, name) = (entry.path(), entry.file_name());
            let is_wanted = name.to_str().is_some_and(|name| packs.contains_key(name));
            let is_ours = fs::read_link(&path).is_ok_and(|to| to.starts_with(&self.data));
            if is_wanted || !is_ours {
                continue;
            }
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!("the link `{}` cannot be removed: {error}", path.display());
            }
        }
    }
}

/// The machine's Python.
fn find_python() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join("python3"))
        .find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct World {
        folder: tempfile::TempDir,
        links: Links,
    }

    fn world() -> World {
        let folder = tempfile::tempdir().unwrap();
        let links = Links::new(&folder.path().join("opt"), &folder.path().join("data"));
        for path in [
            "data/virtualenvs",
            "data/packs/1/demo",
            "data/packs/2/demo",
            "mine/own",
        ] {
            fs::create_dir_all(folder.path().join(path)).unwrap();
        }
        World { folder, links }
    }

    impl World {
        fn make(&self, packs: &[(&str, &str)]) {
            let packs = packs.iter();
            let packs = packs.map(|(pack, at)| ((*pack).to_owned(), self.folder.path().join(at)));
            self.links.make(&packs.collect());
        }

        fn leads(&self, at: &str, to: &str) {
            let at = fs::canonicalize(self.folder.path().join("opt").join(at)).unwrap();
            assert_eq!(at, fs::canonicalize(self.folder.path().join(to)).unwrap());
        }
    }

    #[test]
    fn links_follow_the_packs() {
        let world = world();

        world.make(&[("demo", "data/packs/1/demo"), ("own", "mine/own")]);
        world.leads("packs/demo", "data/packs/1/demo");
        world.leads("packs/own", "mine/own");
        world.leads("virtualenvs", "data/virtualenvs");
        assert!(world.folder.path().join("opt/st2/bin/python").is_file());

        world.make(&[("demo", "data/packs/2/demo")]);
        world.leads("packs/demo", "data/packs/2/demo");
        world.make(&[]);
        assert!(!world.folder.path().join("opt/packs/demo").exists());
    }

    #[test]
    fn what_is_there_already_is_left_alone() {
        let world = world();
        let opt = world.folder.path().join("opt");
        fs::create_dir_all(opt.join("packs/demo")).unwrap();
        fs::write(opt.join("packs/demo/pack.yaml"), "name: demo\n").unwrap();
        fs::create_dir_all(opt.join("virtualenvs")).unwrap();
        symlink("/usr", opt.join("packs/own")).unwrap();

        world.make(&[("demo", "data/packs/1/demo"), ("own", "mine/own")]);

        assert!(opt.join("packs/demo/pack.yaml").is_file());
        assert!(!opt.join("virtualenvs").is_symlink());
        assert_eq!(
            fs::read_link(opt.join("packs/own")).unwrap(),
            Path::new("/usr")
        );
        let error = world
            .links
            .link(
                &opt.join("packs/demo"),
                &world.folder.path().join("data/packs/1/demo"),
            )
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("is there already and is no link of Petrel's")
        );
        // A pack that lies there is where it is.
        world
            .links
            .link(&opt.join("packs/demo"), &opt.join("packs/demo"))
            .unwrap();
    }
}
