//! Git repositories of packs, made for one story.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;
use stories::published::{commit, git, make_wheels, run};

/// A library that greeters use.
const LIBRARY: &str = "VERSION = \"1.0\"\n\n\ndef shout(text):\n    return text.upper()\n";

const ACTION: &str = "\
name: greet
runner_type: python-script
entry_point: greet.py
parameters:
  name:
    type: string
    required: true
";

const TEST: &str = "\
from greet import Greet
from st2tests.base import BaseActionTestCase


class GreetTest(BaseActionTestCase):
    action_cls = Greet

    def test_greets(self):
        action = self.get_action_instance({'greeting': 'Hi'})
        self.assertTrue(action.run('ada').startswith('Hi, ADA!'))
";

const SCHEMA: &str = "\
greeting:
  type: string
  default: Hello
  description: What is said first.
";

/// The repository of the pack `greeter`: versions 1.0.0 and 2.0.0, and a branch that cannot be built.
#[derive(Debug)]
pub(crate) struct Repository {
    place: tempfile::TempDir,
}

impl Repository {
    pub(crate) fn new() -> Result<Self> {
        let repository = Self {
            place: tempfile::tempdir()?,
        };
        let base = repository.place.path().join("base");
        pack_file(&base, "base", "0.1.0", "")?;
        commit(&base, "v0.1.0")?;
        let greeter = repository.folder();
        repository.greeter("1.0.0", "(1.0)")?;
        let vendor = greeter.join("vendor");
        fs::write(vendor.join("shout.py"), LIBRARY)?;
        make_wheels(&vendor)?;
        commit(&greeter, "v1.0.0")?;
        repository.greeter("2.0.0", "(2.0)")?;
        commit(&greeter, "v2.0.0")?;
        git(&greeter, &["checkout", "--quiet", "-b", "broken"])?;
        repository.greeter("3.0.0", "(3.0)")?;
        fs::write(
            greeter.join("requirements.txt"),
            "./vendor/gone-1.0-py3-none-any.whl\n",
        )?;
        commit(&greeter, "never")?;
        git(&greeter, &["checkout", "--quiet", "main"])?;
        Ok(repository)
    }

    /// The working folder of the repository.
    pub(crate) fn folder(&self) -> PathBuf {
        self.place.path().join("greeter")
    }

    /// As an engine on this machine finds it.
    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.folder().display())
    }

    fn greeter(&self, version: &str, mark: &str) -> Result<()> {
        let folder = self.folder();
        let base = self.place.path().join("base");
        let dependencies = format!("dependencies:\n  - file://{}\n", base.display());
        pack_file(&folder, "greeter", version, &dependencies)?;
        for below in ["actions", "tests", "vendor"] {
            fs::create_dir_all(folder.join(below))?;
        }
        let python = format!(
            "from shout import shout\nfrom st2common.runners.base_action import Action\n\n\n\
             class Greet(Action):\n    def run(self, name):\n        \
             return f\"{{self.config['greeting']}}, {{shout(name)}}! {mark}\"\n"
        );
        for (file, text) in [
            ("README.md", "It greets.\n"),
            ("requirements.txt", "./vendor/shout-1.0-py3-none-any.whl\n"),
            ("config.schema.yaml", SCHEMA),
            ("actions/greet.yaml", ACTION),
            ("actions/greet.py", &python),
            ("tests/test_greet.py", TEST),
        ] {
            fs::write(folder.join(file), text)?;
        }
        Ok(())
    }

    /// The working folder as a zip, in a folder of its name, as sites that host repositories make them.
    pub(crate) fn zipped(&self) -> Result<PathBuf> {
        let zip = self.place.path().join("greeter.zip");
        let script =
            "import shutil, sys; shutil.make_archive(sys.argv[1], 'zip', sys.argv[2], 'greeter')";
        let (name, root) = (zip.with_extension(""), self.place.path());
        let arguments = [
            "-c",
            script,
            &name.to_string_lossy(),
            &root.to_string_lossy(),
        ];
        run(root, "python3", &arguments)?;
        Ok(zip)
    }

    /// A configuration file that names an index with this pack in it, and one that is not there.
    pub(crate) fn configuration_with_index(&self) -> Result<PathBuf> {
        let (index, file) = (
            self.place.path().join("index.json"),
            self.place.path().join("petrel.toml"),
        );
        let greeter = json!({
            "name": "greeter", "description": "Greets people.", "version": "2.0.0", "author": "Ada",
            "email": "ada@example.com", "keywords": ["manners"], "repo_url": self.url(),
        });
        let packs = json!({ "packs": { "greeter": greeter } });
        fs::write(&index, packs.to_string())?;
        let indexes = format!(
            "pack_indexes = ['{}', '/nowhere/index.json']\n",
            index.display()
        );
        fs::write(&file, indexes)?;
        Ok(file)
    }

    /// The URL of a pack with two files that are refused, and a link that leads out of it.
    pub(crate) fn faulty(&self) -> Result<String> {
        let folder = self.place.path().join("faulty");
        pack_file(&folder, "faulty", "1.0.0", "")?;
        for (file, text) in [
            ("actions/one.yaml", "name: one\nrunner_type: noop\n"),
            ("actions/two.yaml", "name: two\nrunner: noop\n"),
            (
                "rules/on_hook.yaml",
                "name: on_hook\ntrigger:\n  type: core.st2.webhok\naction:\n  ref: faulty.one\n",
            ),
        ] {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap_or(&folder))?;
            fs::write(path, text)?;
        }
        std::os::unix::fs::symlink("/etc/passwd", folder.join("outside"))?;
        commit(&folder, "v1.0.0")?;
        Ok(format!("file://{}", folder.display()))
    }

    /// A pack for an older Python.
    pub(crate) fn old(&self) -> Result<PathBuf> {
        let folder = self.place.path().join("old");
        pack_file(&folder, "old", "1.0.0", "python_versions: ['2']\n")?;
        Ok(folder)
    }
}

fn pack_file(folder: &Path, name: &str, version: &str, more: &str) -> Result<()> {
    fs::create_dir_all(folder)?;
    let text = format!(
        "ref: {name}\nname: {name}\ndescription: A pack of a story.\nversion: {version}\nauthor: Ada\n\
         email: ada@example.com\n{more}"
    );
    Ok(fs::write(folder.join("pack.yaml"), text)?)
}
