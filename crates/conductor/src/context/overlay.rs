//! Merging: Orquesta's way to lay dictionaries on each other, and what several come to before they are laid on one.

use std::collections::BTreeSet;
use std::sync::Arc;

use pyvalue::{Dict, Value};

/// Merges dictionaries as Orquesta does: those inside too, anything else is replaced. Neither's parts are changed for
/// others that hold them.
pub(crate) fn merge(left: &mut Dict, right: &Dict) {
    for (key, value) in right.iter() {
        let both = matches!(
            (left.get_value(key), value),
            (Some(Value::Dict(_)), Value::Dict(_))
        );
        if !both {
            left.insert(key.clone(), value.clone());
            continue;
        }
        left.update_value(key, |mine| {
            if let (Value::Dict(mine), Value::Dict(theirs)) = (mine, value) {
                merge(mine, theirs);
            }
        });
    }
}

/// Keys from the outermost dictionary to one inside, written out.
type Path = Vec<String>;

/// What several dictionaries come to, laid on each other in order: laid on another, it gives what they give one by one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overlay {
    values: Dict,
    /// Dictionaries that replace what they are laid on: something else stood there in between.
    resets: Option<Arc<BTreeSet<Path>>>,
}

impl Overlay {
    /// The values, as if laid on nothing.
    pub(crate) fn values(&self) -> &Dict {
        &self.values
    }

    /// Lays a dictionary on it.
    pub(super) fn add(&mut self, values: &Dict) {
        let mut resets = self.take_resets();
        lay(
            &mut self.values,
            values,
            &BTreeSet::new(),
            &mut resets,
            &mut Vec::new(),
        );
        self.put_resets(resets);
    }

    /// Lays another one on it.
    pub(super) fn then(&mut self, later: &Self) {
        let mut resets = self.take_resets();
        let none = BTreeSet::new();
        let later_resets = later.resets.as_deref().unwrap_or(&none);
        lay(
            &mut self.values,
            &later.values,
            later_resets,
            &mut resets,
            &mut Vec::new(),
        );
        self.put_resets(resets);
    }

    /// Lays it on a dictionary.
    pub(super) fn lay_on(&self, dict: &mut Dict) {
        match &self.resets {
            None => merge(dict, &self.values),
            Some(resets) => lay(
                dict,
                &self.values,
                resets,
                &mut BTreeSet::new(),
                &mut Vec::new(),
            ),
        }
    }

    fn take_resets(&mut self) -> BTreeSet<Path> {
        self.resets
            .take()
            .map(Arc::unwrap_or_clone)
            .unwrap_or_default()
    }

    fn put_resets(&mut self, resets: BTreeSet<Path>) {
        self.resets = Some(resets)
            .filter(|resets| !resets.is_empty())
            .map(Arc::new);
    }
}

/// Lays `right` on `left`, noting in `resets` which dictionaries took the place of something else.
fn lay(
    left: &mut Dict,
    right: &Dict,
    right_resets: &BTreeSet<Path>,
    resets: &mut BTreeSet<Path>,
    path: &mut Path,
) {
    for (key, value) in right.iter() {
        let Value::Dict(theirs) = value else {
            if !resets.is_empty() {
                path.push(written(key));
                forget(resets, path);
                path.pop();
            }
            left.insert(key.clone(), value.clone());
            continue;
        };
        path.push(written(key));
        let is_reset = right_resets.contains(path);
        match left.get_value(key) {
            Some(Value::Dict(_)) if !is_reset => {
                left.update_value(key, |mine| {
                    if let Value::Dict(mine) = mine {
                        lay(mine, theirs, right_resets, resets, path);
                    }
                });
            }
            before => {
                let is_reset = is_reset || before.is_some();
                forget(resets, path);
                left.insert(key.clone(), value.clone());
                if is_reset {
                    resets.insert(path.clone());
                } else {
                    let below = right_resets.range(path.clone()..);
                    resets.extend(below.take_while(|reset| reset.starts_with(path)).cloned());
                }
            }
        }
        path.pop();
    }
}

/// Forgets what is at a path or below.
fn forget(resets: &mut BTreeSet<Path>, path: &Path) {
    resets.retain(|reset| !reset.starts_with(path));
}

fn written(key: &Value) -> String {
    key.repr()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn dict(json: &serde_json::Value) -> Dict {
        Value::from_json(json)
            .as_dict()
            .cloned()
            .unwrap_or_default()
    }

    #[test]
    fn laid_on_together_dictionaries_give_what_they_give_one_by_one() {
        let table = [
            json!([{"a": 1}, {"a": 2}, {"b": 3}]),
            json!([{"m": {"x": 1}}, {"m": {"y": 2}}, {"m": {"x": 3}}]),
            // A dictionary, something else, and a dictionary again: what was there first is gone.
            json!([{"m": {"x": 1}}, {"m": 5}, {"m": {"y": 2}}]),
            json!([{"m": {"n": {"x": 1}}}, {"m": {"n": 5}}, {"m": {"n": {"y": 2}}}, {"m": {"z": 1}}]),
            json!([{"m": {"n": {"x": 1}}}, {"m": 1}, {"m": {"n": {"y": 2}}}, {"m": {"n": 3}}]),
            json!([{"m": {"x": {}}}, {"m": {"x": []}}, {"m": {"x": {"a": 1}}}, {"m": {"x": {"b": 1}}}]),
        ];
        let bases = [
            json!({}),
            json!({"a": 0, "m": {"old": 1, "n": {"older": 1}, "x": {"oldest": 1}}}),
            json!({"m": 7}),
            json!({"m": {"n": 7, "x": 7}}),
        ];
        for layers in table {
            let layers: Vec<Dict> = layers.as_array().into_iter().flatten().map(dict).collect();
            for base in &bases {
                for cut in 0..=layers.len() {
                    let mut expected = dict(base);
                    for layer in &layers {
                        merge(&mut expected, layer);
                    }
                    let (mut one, mut other) = (Overlay::default(), Overlay::default());
                    layers[..cut].iter().for_each(|layer| one.add(layer));
                    layers[cut..].iter().for_each(|layer| other.add(layer));
                    one.then(&other);

                    let mut laid = dict(base);
                    one.lay_on(&mut laid);

                    assert_eq!(laid, expected, "{base} under {layers:?}, cut at {cut}");
                }
            }
        }
    }
}
