//! Revisions of real repositories.

use std::process::Command;

use super::*;

struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    /// With `v1`, and `main` after it.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = Self { folder };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.change("one");
        repository.git(&["tag", "v1"]);
        repository.change("two");
        repository
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let ended = Command::new("git")
            .args(["-c", "user.name=A", "-c", "user.email=a@example.com"])
            .args(arguments)
            .current_dir(self.path())
            .output()
            .unwrap();
        assert!(ended.status.success(), "{ended:?}");
        String::from_utf8(ended.stdout).unwrap().trim().to_owned()
    }

    fn change(&self, text: &str) {
        std::fs::create_dir_all(self.path().join("actions")).unwrap();
        std::fs::write(self.path().join("actions/text"), text).unwrap();
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "-m", text]);
    }
}

async fn text(place: &Place<'_>, revision: &str) -> String {
    let folder = place.content(revision).await.unwrap();
    assert_eq!(folder.file_name().unwrap(), place.pack);
    std::fs::read_to_string(folder.join("actions/text")).unwrap()
}

#[tokio::test]
async fn a_checkout_is_its_own_repository() {
    let (repository, kept) = (Repository::new(), tempfile::tempdir().unwrap());
    let commit = repository.git(&["rev-parse", "--short", "v1"]);
    let place = Place {
        pack: "demo",
        in_force: repository.path(),
        origin: None,
        kept: kept.path().join("demo"),
    };

    assert_eq!(text(&place, "v1").await, "one");
    assert_eq!(text(&place, &commit).await, "one");
    assert_eq!(text(&place, "main").await, "two");
    // Nothing in the checkout has changed.
    assert_eq!(repository.git(&["status", "--porcelain"]), "");
    assert_eq!(repository.git(&["worktree", "list"]).lines().count(), 1);
}

#[tokio::test]
async fn an_installed_pack_is_cloned_from_where_it_came() {
    let (repository, kept) = (Repository::new(), tempfile::tempdir().unwrap());
    let in_force = tempfile::tempdir().unwrap();
    let origin = format!("{}=v1", repository.path().display());
    let place = Place {
        pack: "demo",
        in_force: in_force.path(),
        origin: Some(&origin),
        kept: kept.path().join("demo"),
    };
    assert_eq!(text(&place, "v1").await, "one");

    // What comes later is fetched when it is asked for.
    repository.change("three");
    repository.git(&["tag", "v3"]);

    assert_eq!(text(&place, "v3").await, "three");
    assert_eq!(text(&place, "main").await, "three");
}

#[tokio::test]
async fn says_which_revision_is_unknown() {
    let (repository, kept) = (Repository::new(), tempfile::tempdir().unwrap());
    let place = Place {
        pack: "demo",
        in_force: repository.path(),
        origin: None,
        kept: kept.path().join("demo"),
    };

    for revision in ["v30", "--output=/tmp/x", "a b", "f00dfeed"] {
        let error = place.content(revision).await.unwrap_err().to_string();

        let expected = format!(
            "Failed to create git worktree for pack \"demo\": Invalid content_version \"{revision}\" provided. Make sure \
             that git repository is up to date and contains that revision: it is no commit, tag or branch of `{}`.",
            repository.path().display()
        );
        assert_eq!(error, expected);
    }
}

#[tokio::test]
async fn says_that_a_pack_is_no_repository() {
    let (in_force, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for origin in [None, Some("https://host/pack.tar.gz"), Some("a_name")] {
        let place = Place {
            pack: "demo",
            in_force: in_force.path(),
            origin,
            kept: kept.path().join("demo"),
        };

        let error = place.content("v1").await.unwrap_err().to_string();

        let expected = format!(
            "Pack directory \"{}\" is not a git",
            in_force.path().display()
        );
        assert!(error.contains(&expected), "{error}");
    }
}

#[tokio::test]
async fn says_that_the_repository_is_gone() {
    let (in_force, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let place = Place {
        pack: "demo",
        in_force: in_force.path(),
        origin: Some("file:///no/such/repository.git"),
        kept: kept.path().join("demo"),
    };

    let error = place.content("v1").await.unwrap_err();

    assert!(
        matches!(error, RevisionError::NoRepository { .. }),
        "{error}"
    );
}

#[test]
fn keeps_no_more_revisions_than_it_may() {
    let kept = tempfile::tempdir().unwrap();
    for number in 0..KEPT + 2 {
        std::fs::create_dir(kept.path().join(format!("{number:040x}"))).unwrap();
    }
    std::fs::create_dir(kept.path().join("repository.git")).unwrap();

    remove_old(kept.path());

    let left = std::fs::read_dir(kept.path()).unwrap().count();
    assert_eq!(left, KEPT - 1 + 1);
    assert!(kept.path().join("repository.git").is_dir());
}
