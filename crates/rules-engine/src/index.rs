//! All rules in force, found by trigger and by what they want of a payload.
//!
//! Of each rule's equalities with a fixed value the one that the fewest rules share is the key under which the rule is
//! found; rules without any are looked at for every event of their trigger. An event thus costs about as much as the
//! rules that it could match, not as much as there are.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use expr::Mentioned;
use model::Rule;

use crate::criteria::compare;
use crate::lookup;
use crate::rule::{CompiledRule, RuleError, Verdict};
use crate::subject::Subject;

/// The rules in force. Immutable: a change makes a new one, which takes over what did not change.
#[derive(Debug, Default)]
pub struct RuleSet {
    triggers: HashMap<String, TriggerRules>,
    compiled: HashMap<String, Arc<CompiledRule>>,
    mentioned: Mentioned,
}

#[derive(Debug, Default)]
struct TriggerRules {
    standard: Group,
    backstop: Group,
}

/// Rules that are looked at together, in their order.
#[derive(Debug, Default)]
struct Group {
    rules: Vec<Arc<CompiledRule>>,
    keys: Vec<Key>,
    /// Positions of the rules that no key finds.
    others: Vec<usize>,
}

/// A place in payloads, and the rules that want a certain value there, by the value's hash.
#[derive(Debug)]
struct Key {
    members: Vec<String>,
    rules: HashMap<u64, Vec<usize>>,
}

/// What came of one event.
#[derive(Debug, Default)]
pub struct Evaluation {
    /// How many enabled rules listen to the trigger.
    pub rules: usize,
    /// Those that fire, in order.
    pub fired: Vec<Arc<CompiledRule>>,
    /// Those that could not be evaluated, and why.
    pub failed: Vec<(Arc<CompiledRule>, RuleError)>,
}

impl RuleSet {
    /// Compiles rules. Their order is the order in which they fire.
    #[must_use]
    pub fn new(rules: Vec<Rule>) -> Self {
        Self::default().updated(rules)
    }

    /// The set of these rules; what is the same as in `self` is not compiled again.
    #[must_use]
    pub fn updated(&self, rules: Vec<Rule>) -> Self {
        let mut set = Self::default();
        let mut by_trigger: HashMap<String, [Vec<Arc<CompiledRule>>; 2]> = HashMap::new();
        for rule in rules.into_iter().filter(|rule| rule.enabled) {
            let reference = rule.rule_ref.to_string();
            let known = self
                .compiled
                .get(&reference)
                .filter(|known| **known.rule() == rule);
            let compiled =
                known.map_or_else(|| Arc::new(CompiledRule::new(Arc::new(rule))), Arc::clone);
            let rule = compiled.rule();
            let groups = by_trigger
                .entry(rule.trigger.trigger_ref.clone())
                .or_default();
            groups[usize::from(rule.kind.is_backstop())].push(Arc::clone(&compiled));
            set.mentioned.merge(compiled.mentioned());
            set.compiled.insert(reference, compiled);
        }
        set.triggers = by_trigger
            .into_iter()
            .map(|(trigger, [standard, backstop])| {
                (
                    trigger,
                    TriggerRules {
                        standard: Group::new(standard),
                        backstop: Group::new(backstop),
                    },
                )
            })
            .collect();
        set
    }

    /// Evaluates the rules of a trigger: standard ones, and, if none of them fired, backstops.
    #[must_use]
    pub fn evaluate(&self, trigger_ref: &str, subject: &Subject<'_>) -> Evaluation {
        let mut evaluation = Evaluation::default();
        if let Some(rules) = self.triggers.get(trigger_ref) {
            evaluation.rules = rules.standard.rules.len() + rules.backstop.rules.len();
            rules.standard.evaluate(subject, &mut evaluation);
            if evaluation.fired.is_empty() {
                rules.backstop.evaluate(subject, &mut evaluation);
            }
        }
        evaluation
    }

    /// Whether any enabled rule listens to this trigger.
    #[must_use]
    pub fn knows(&self, trigger_ref: &str) -> bool {
        self.triggers.contains_key(trigger_ref)
    }

    /// How many rules are in force.
    #[must_use]
    pub fn len(&self) -> usize {
        self.compiled.len()
    }

    /// Whether no rule is in force.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.compiled.is_empty()
    }

    /// Items of the datastore that criteria may read.
    #[must_use]
    pub fn mentioned(&self) -> &Mentioned {
        &self.mentioned
    }
}

impl Group {
    fn new(rules: Vec<Arc<CompiledRule>>) -> Self {
        let sharing = Sharing::of(&rules);
        let mut keys: HashMap<Vec<String>, HashMap<u64, Vec<usize>>> = HashMap::new();
        let mut others = Vec::new();
        for (position, rule) in rules.iter().enumerate() {
            match sharing.most_selective(rule) {
                Some((members, hash)) => {
                    keys.entry(members.to_vec())
                        .or_default()
                        .entry(hash)
                        .or_default()
                        .push(position);
                }
                None => others.push(position),
            }
        }
        let keys = keys
            .into_iter()
            .map(|(members, rules)| Key { members, rules })
            .collect();
        Self {
            rules,
            keys,
            others,
        }
    }

    fn evaluate(&self, subject: &Subject<'_>, evaluation: &mut Evaluation) {
        for position in self.candidates(subject) {
            let rule = &self.rules[position];
            match rule.evaluate(subject) {
                Ok(Verdict::Fires) => evaluation.fired.push(Arc::clone(rule)),
                Ok(Verdict::Disabled | Verdict::EmptyPayload | Verdict::RejectedBy(_)) => {}
                Err(error) => evaluation.failed.push((Arc::clone(rule), error)),
            }
        }
    }

    /// Positions of the rules that could match, in order.
    fn candidates(&self, subject: &Subject<'_>) -> Vec<usize> {
        let mut candidates = self.others.clone();
        for key in &self.keys {
            let value = lookup::follow(&key.members, subject.payload());
            // No key holds null: a null pattern equals nothing.
            if !value.is_null()
                && let Some(positions) = key.rules.get(&compare::hash(value))
            {
                candidates.extend_from_slice(positions);
            }
        }
        candidates.sort_unstable();
        candidates
    }
}

/// How many rules share each equality, and each place.
struct Sharing<'r> {
    equalities: HashMap<(&'r [String], u64), usize>,
    places: HashMap<&'r [String], usize>,
}

impl<'r> Sharing<'r> {
    fn of(rules: &'r [Arc<CompiledRule>]) -> Self {
        let mut sharing = Self {
            equalities: HashMap::new(),
            places: HashMap::new(),
        };
        for rule in rules {
            let equalities: HashSet<(&[String], u64)> = equalities(rule).collect();
            for (members, hash) in equalities {
                *sharing.equalities.entry((members, hash)).or_default() += 1;
                *sharing.places.entry(members).or_default() += 1;
            }
        }
        sharing
    }

    /// The equality that the fewest rules share; of several the one whose place the most rules look at, so that few
    /// places have to be looked at for an event.
    fn most_selective(&self, rule: &'r CompiledRule) -> Option<(&'r [String], u64)> {
        equalities(rule).min_by_key(|(members, hash)| {
            let shared = self
                .equalities
                .get(&(*members, *hash))
                .copied()
                .unwrap_or(usize::MAX);
            (
                shared,
                std::cmp::Reverse(self.places.get(members).copied().unwrap_or(0)),
            )
        })
    }
}

fn equalities(rule: &CompiledRule) -> impl Iterator<Item = (&[String], u64)> {
    let equalities = rule
        .criteria
        .iter()
        .filter_map(|criterion| criterion.as_equality());
    equalities.map(|(members, value)| (members, compare::hash(value)))
}

#[cfg(test)]
mod tests;
