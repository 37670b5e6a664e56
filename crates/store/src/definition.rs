//! What packs define: packs, actions, trigger types, triggers, rules, sensors, aliases, policies, configurations,
//! and the runner types. One set of operations for all kinds.

use model::{
    Action, ActionAlias, ObjectId, Pack, PackConfig, PackConfigSchema, Policy, Rule, RunnerType,
    Sensor, Trigger, TriggerType,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::digest::trigger_digest;
use crate::{RuleDraft, StoreError};

/// A kind of definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// [`Pack`].
    Pack,
    /// [`Action`].
    Action,
    /// [`RunnerType`].
    RunnerType,
    /// [`TriggerType`].
    TriggerType,
    /// [`Trigger`].
    Trigger,
    /// [`Rule`].
    Rule,
    /// [`Sensor`].
    Sensor,
    /// [`ActionAlias`].
    Alias,
    /// [`Policy`].
    Policy,
    /// [`PackConfigSchema`].
    ConfigSchema,
    /// [`PackConfig`].
    Config,
}

/// Something that packs define, stored as a document beside the columns it is found by.
pub trait Definition: Serialize + DeserializeOwned + Send + Sync + Unpin + 'static {
    /// Its kind.
    const KIND: Kind;
    /// Its id.
    fn object_id(&self) -> ObjectId;
    /// Gives it the id of the row it replaces.
    fn set_object_id(&mut self, id: ObjectId);
    /// What it is unique by: `pack.name`; the bare ref of a pack, name of a runner type, pack of a configuration.
    fn reference(&self) -> String;
    /// Its pack; empty for runner types.
    fn pack(&self) -> &str;
    /// Its name in the pack.
    fn name(&self) -> &str;
    /// Whether it is in force; true for kinds that cannot be switched off.
    fn is_enabled(&self) -> bool {
        true
    }
    /// What else listings look for: an action's runner, a trigger's type, a rule's trigger, an alias's action, a
    /// policy's resource. Empty for the others.
    #[expect(
        clippy::unnecessary_literal_bound,
        reason = "kinds that have one borrow it from themselves"
    )]
    fn selector(&self) -> &str {
        ""
    }
    /// The file that it came from; empty where it came by API, or where its kind does not tell.
    #[expect(
        clippy::unnecessary_literal_bound,
        reason = "kinds that have one borrow it from themselves"
    )]
    fn metadata_file(&self) -> &str {
        ""
    }
    /// What a trigger is found by beside its reference: a hash of type and parameters. Empty for the others.
    fn digest(&self) -> String {
        String::new()
    }
}

/// Which definitions are wanted. Absent members do not restrict.
#[derive(Debug, Clone, Default)]
pub struct DefinitionFilter {
    /// Of this pack.
    pub pack: Option<String>,
    /// With this name.
    pub name: Option<String>,
    /// In force or not.
    pub enabled: Option<bool>,
    /// See [`Definition::selector`].
    pub selector: Option<String>,
    /// With one of these references.
    pub references: Option<Vec<String>>,
    /// Sorted by reference unless this is set: then newest (by id) first.
    pub newest_first: bool,
}

/// Why a definition was not stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// Another one has this reference.
    #[error("`{reference}` exists already")]
    Conflict {
        /// The reference.
        reference: String,
        /// Who has it.
        id: ObjectId,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Everything one pack brings. Ids in here are proposals: what is stored already under a reference keeps its id.
#[derive(Debug, Clone)]
pub struct PackContent {
    /// The pack.
    pub pack: Pack,
    /// Its `config.schema.yaml`.
    pub config_schema: Option<PackConfigSchema>,
    /// Its configuration, where a file gives one; secrets encrypted already.
    pub config: Option<PackConfig>,
    /// What tells one content of the configuration's file from another: encrypted secrets never look the same twice.
    pub config_mark: String,
    /// `None` leaves what is stored of a kind as it is (as when only some types are registered); `Some` replaces it.
    pub trigger_types: Option<Vec<TriggerType>>,
    /// As above.
    pub sensors: Option<Vec<Sensor>>,
    /// As above.
    pub actions: Option<Vec<Action>>,
    /// As above; their triggers are found or made.
    pub rules: Option<Vec<RuleDraft>>,
    /// As above.
    pub aliases: Option<Vec<ActionAlias>>,
    /// As above.
    pub policies: Option<Vec<Policy>>,
    /// Leaves alone what the files give as they gave it when it was last registered: changes that were made to it
    /// since, by API, stay (a removed definition stays away). Without this what files say is put in force.
    pub keep_unchanged: bool,
    /// The files that all of this was read from, where all were accepted: [`crate::Store::registered_files`] gives
    /// them back.
    pub files: Option<PackFiles>,
    /// The content that the pack was installed from, as [`crate::PackArchive::hash`]. Without one the pack becomes one
    /// that is read from its folder, unless that is where its content lies.
    pub installed: Option<String>,
}

impl PackContent {
    /// A pack that says nothing of definitions: what is stored of them stays.
    #[must_use]
    pub fn of(pack: Pack) -> Self {
        Self {
            pack,
            config_schema: None,
            config: None,
            config_mark: String::new(),
            trigger_types: None,
            sensors: None,
            actions: None,
            rules: None,
            aliases: None,
            policies: None,
            keep_unchanged: false,
            files: None,
            installed: None,
        }
    }
}

/// The files of a pack, told apart from other states of them without reading them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackFiles {
    /// The folder.
    pub folder: String,
    /// Differs whenever a file in it does.
    pub fingerprint: String,
}

/// Counts the changes of one kind of definition; grows with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub i64);

impl Kind {
    /// The spelling in the store.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pack => "pack",
            Self::Action => "action",
            Self::RunnerType => "runner_type",
            Self::TriggerType => "trigger_type",
            Self::Trigger => "trigger",
            Self::Rule => "rule",
            Self::Sensor => "sensor",
            Self::Alias => "alias",
            Self::Policy => "policy",
            Self::ConfigSchema => "config_schema",
            Self::Config => "config",
        }
    }
}

macro_rules! definition {
    ($type:ty, $kind:ident, $reference:expr, $pack:expr, $name:expr $(, enabled $enabled:expr)? $(, selector $selector:expr)? $(, file $file:expr)? $(, digest $digest:expr)?) => {
        impl Definition for $type {
            const KIND: Kind = Kind::$kind;
            fn object_id(&self) -> ObjectId { self.id.object_id() }
            fn set_object_id(&mut self, id: ObjectId) { self.id = id.into(); }
            fn reference(&self) -> String { let f: fn(&Self) -> String = $reference; f(self) }
            fn pack(&self) -> &str { let f: fn(&Self) -> &str = $pack; f(self) }
            fn name(&self) -> &str { let f: fn(&Self) -> &str = $name; f(self) }
            $(fn is_enabled(&self) -> bool { let f: fn(&Self) -> bool = $enabled; f(self) })?
            $(fn selector(&self) -> &str { let f: fn(&Self) -> &str = $selector; f(self) })?
            $(fn metadata_file(&self) -> &str { let f: fn(&Self) -> &str = $file; f(self) })?
            $(fn digest(&self) -> String { let f: fn(&Self) -> String = $digest; f(self) })?
        }
    };
}

definition! {
    Pack, Pack, |p| p.pack_ref.clone(), |p| &p.pack_ref, |p| &p.name
}
definition! {
    Action, Action, |a| a.action_ref.to_string(), |a| &a.pack, |a| &a.name,
    enabled |a| a.enabled, selector |a| &a.runner_type, file |a| &a.metadata_file
}
definition! {
    RunnerType, RunnerType, |r| r.name.clone(), |_| "", |r| &r.name,
    enabled |r| r.enabled
}
definition! {
    TriggerType, TriggerType, |t| t.type_ref.to_string(), |t| &t.pack, |t| &t.name,
    file |t| t.metadata_file.as_deref().unwrap_or_default()
}
definition! {
    Trigger, Trigger, |t| t.trigger_ref.to_string(), |t| &t.pack, |t| &t.name,
    selector |t| &t.type_ref, digest |t| trigger_digest(&t.type_ref, &t.parameters)
}
definition! {
    Rule, Rule, |r| r.rule_ref.to_string(), |r| &r.pack, |r| &r.name,
    enabled |r| r.enabled, selector |r| &r.trigger.trigger_ref, file |r| &r.metadata_file
}
definition! {
    Sensor, Sensor, |s| s.sensor_ref.to_string(), |s| &s.pack, |s| &s.name,
    enabled |s| s.enabled, file |s| &s.metadata_file
}
definition! {
    ActionAlias, Alias, |a| a.alias_ref.to_string(), |a| &a.pack, |a| &a.name,
    enabled |a| a.enabled, selector |a| &a.action_ref, file |a| &a.metadata_file
}
definition! {
    Policy, Policy, |p| p.policy_ref.to_string(), |p| &p.pack, |p| &p.name,
    enabled |p| p.enabled, selector |p| &p.resource_ref, file |p| &p.metadata_file
}
definition! {
    PackConfigSchema, ConfigSchema, |c| c.pack.clone(), |c| &c.pack, |c| &c.pack
}
definition! {
    PackConfig, Config, |c| c.pack.clone(), |c| &c.pack, |c| &c.pack
}
