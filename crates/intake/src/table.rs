//! A live copy of the triggers.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use model::{Object, Rule, Trigger, TriggerType};

/// The trigger type whose triggers are urls.
const WEBHOOK: &str = "core.st2.webhook";

/// The triggers, their types, and who listens, as of one moment.
#[derive(Debug, Default)]
pub struct TriggerTable {
    /// Triggers by reference.
    pub triggers: HashMap<String, Arc<Trigger>>,
    /// Types by reference.
    pub types: HashMap<String, Arc<TriggerType>>,
    /// Webhook triggers by normalised url (no slash at either end); of several, the oldest.
    pub webhooks: HashMap<String, Arc<Trigger>>,
    /// References of the triggers that enabled rules listen to.
    pub wanted: HashSet<String>,
}

impl TriggerTable {
    /// The table of these definitions.
    #[must_use]
    pub fn new(mut triggers: Vec<Trigger>, types: Vec<TriggerType>, rules: &[Rule]) -> Self {
        let mut table = Self {
            types: types
                .into_iter()
                .map(|kind| (kind.type_ref.to_string(), Arc::new(kind)))
                .collect(),
            wanted: rules
                .iter()
                .filter(|rule| rule.enabled)
                .map(|rule| rule.trigger.trigger_ref.clone())
                .collect(),
            ..Self::default()
        };
        triggers.sort_by_key(|trigger| trigger.id);
        for trigger in triggers.into_iter().map(Arc::new) {
            if let Some(url) = webhook_url(&trigger) {
                let of_url = table.webhooks.entry(url);
                of_url.or_insert_with(|| Arc::clone(&trigger));
            }
            table
                .triggers
                .insert(trigger.trigger_ref.to_string(), trigger);
        }
        table
    }

    /// The trigger of this type with equal parameters; of several, the oldest. Those without parameters have their
    /// type's name.
    #[must_use]
    pub fn find(&self, type_ref: &str, parameters: &Object) -> Option<&Arc<Trigger>> {
        let fits = |trigger: &&Arc<Trigger>| {
            trigger.type_ref == type_ref && trigger.parameters == *parameters
        };
        if type_ref == WEBHOOK
            && let Some(url) = parameters.get("url").and_then(|url| url.as_str())
        {
            return self.webhooks.get(normalise(url)).filter(fits);
        }
        self.triggers.get(type_ref).filter(fits).or_else(|| {
            let equal = self.triggers.values().filter(fits);
            equal.min_by_key(|trigger| trigger.id)
        })
    }
}

fn webhook_url(trigger: &Trigger) -> Option<String> {
    let url = trigger.parameters.get("url")?.as_str()?;
    (trigger.type_ref == WEBHOOK).then(|| normalise(url).to_owned())
}

fn normalise(url: &str) -> &str {
    url.trim_matches('/')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn prefers_the_oldest_of_equal_triggers() {
        let trigger = |name: &str, id: &str| -> Trigger {
            let written = json!({
                "uid": format!("trigger:demo:{name}"), "ref": format!("demo.{name}"), "name": name, "pack": "demo",
                "type": WEBHOOK, "parameters": {"url": name}, "id": id,
            });
            serde_json::from_value(written).unwrap()
        };
        let mut older = trigger("z", "000000000000000000000001");
        let newer = trigger("a", "000000000000000000000002");
        older.parameters.clone_from(&newer.parameters);
        let timers = [&older, &newer].map(|trigger| Trigger {
            trigger_ref: format!("demo.timer_{}", trigger.name).parse().unwrap(),
            type_ref: "core.st2.IntervalTimer".to_owned(),
            ..trigger.clone()
        });
        let given = [vec![newer.clone(), older.clone()], timers.to_vec()].concat();

        let table = TriggerTable::new(given, Vec::new(), &[]);

        assert_eq!(table.webhooks["a"].trigger_ref, older.trigger_ref);
        let found = table.find("core.st2.IntervalTimer", &newer.parameters);
        assert_eq!(found.unwrap().trigger_ref, timers[0].trigger_ref);
    }
}
