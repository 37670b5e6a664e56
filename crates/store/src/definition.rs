//! What packs define: packs, actions, trigger types, triggers, rules, sensors, aliases, policies, configurations,
//! and the runner types. One set of operations for all kinds.

use model::{
    Action, ActionAlias, ObjectId, Pack, PackConfig, PackConfigSchema, Page, PageOf, Policy, Rule, RunnerType, Sensor,
    Trigger, TriggerType,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{RuleDraft, Store, StoreError};

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
    fn selector(&self) -> &str {
        ""
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
}

/// Counts the changes of one kind of definition; grows with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub i64);

impl Store {
    /// Stores a new definition; refuses where the reference is taken. (Rules: `create_rule`.)
    pub async fn create<D: Definition>(&self, definition: &D) -> Result<(), SaveError> {
        unimplemented!("{}", definition.reference())
    }

    /// Stores a definition under its reference, keeping the id of what it replaces. Returns it as stored.
    /// A write that would change nothing changes nothing (and moves no revision).
    pub async fn save<D: Definition>(&self, definition: D) -> Result<D, StoreError> {
        Ok(definition)
    }

    /// Replaces the definition that has this id (its reference may change); false where there is none.
    pub async fn replace<D: Definition>(&self, definition: &D) -> Result<bool, SaveError> {
        unimplemented!("{}", definition.reference())
    }

    /// Finds a definition by reference or by id.
    pub async fn find<D: Definition>(&self, reference_or_id: &str) -> Result<Option<D>, StoreError> {
        unimplemented!("{reference_or_id}")
    }

    /// A page of definitions.
    pub async fn list<D: Definition>(&self, filter: &DefinitionFilter, page: Page) -> Result<PageOf<D>, StoreError> {
        unimplemented!("{filter:?} {page:?}")
    }

    /// All definitions that fit, sorted by reference.
    pub async fn all<D: Definition>(&self, filter: &DefinitionFilter) -> Result<Vec<D>, StoreError> {
        unimplemented!("{filter:?}")
    }

    /// Removes a definition; false where there was none. (Rules: `delete_rule`.)
    pub async fn delete<D: Definition>(&self, id: ObjectId) -> Result<bool, StoreError> {
        unimplemented!("{id}")
    }

    /// Stores everything a pack brings, in one transaction; what it no longer brings is removed. Definitions that
    /// came by API (empty `metadata_file`) stay. Runs in a constant number of statements per kind, whatever the size.
    pub async fn register_pack(&self, content: &PackContent) -> Result<(), StoreError> {
        unimplemented!("{content:?}")
    }

    /// Removes a pack and everything it brought; false where it is unknown.
    pub async fn remove_pack(&self, pack: &str) -> Result<bool, StoreError> {
        unimplemented!("{pack}")
    }

    /// How often definitions of this kind have changed: live copies (the rules engine's) compare it.
    pub async fn revision(&self, kind: Kind) -> Result<Revision, StoreError> {
        unimplemented!("{kind:?}")
    }
}

macro_rules! definition {
    ($type:ty, $kind:ident, $reference:expr, $pack:expr, $name:expr $(, enabled $enabled:expr)? $(, selector $selector:expr)?) => {
        impl Definition for $type {
            const KIND: Kind = Kind::$kind;
            fn object_id(&self) -> ObjectId { self.id.object_id() }
            fn set_object_id(&mut self, id: ObjectId) { self.id = id.into(); }
            fn reference(&self) -> String { let f: fn(&Self) -> String = $reference; f(self) }
            fn pack(&self) -> &str { let f: fn(&Self) -> &str = $pack; f(self) }
            fn name(&self) -> &str { let f: fn(&Self) -> &str = $name; f(self) }
            $(fn is_enabled(&self) -> bool { let f: fn(&Self) -> bool = $enabled; f(self) })?
            $(fn selector(&self) -> &str { let f: fn(&Self) -> &str = $selector; f(self) })?
        }
    };
}

definition!(Pack, Pack, |p| p.pack_ref.clone(), |p| &p.pack_ref, |p| &p.name);
definition!(Action, Action, |a| a.action_ref.to_string(), |a| &a.pack, |a| &a.name, enabled |a| a.enabled, selector |a| &a.runner_type);
definition!(RunnerType, RunnerType, |r| r.name.clone(), |_| "", |r| &r.name, enabled |r| r.enabled);
definition!(TriggerType, TriggerType, |t| t.type_ref.to_string(), |t| &t.pack, |t| &t.name);
definition!(Trigger, Trigger, |t| t.trigger_ref.to_string(), |t| &t.pack, |t| &t.name, selector |t| &t.type_ref);
definition!(Rule, Rule, |r| r.rule_ref.to_string(), |r| &r.pack, |r| &r.name, enabled |r| r.enabled, selector |r| &r.trigger.trigger_ref);
definition!(Sensor, Sensor, |s| s.sensor_ref.to_string(), |s| &s.pack, |s| &s.name, enabled |s| s.enabled);
definition!(ActionAlias, Alias, |a| a.alias_ref.to_string(), |a| &a.pack, |a| &a.name, enabled |a| a.enabled, selector |a| &a.action_ref);
definition!(Policy, Policy, |p| p.policy_ref.to_string(), |p| &p.pack, |p| &p.name, enabled |p| p.enabled, selector |p| &p.resource_ref);
definition!(PackConfigSchema, ConfigSchema, |c| c.pack.clone(), |c| &c.pack, |c| &c.pack);
definition!(PackConfig, Config, |c| c.pack.clone(), |c| &c.pack, |c| &c.pack);
