//! Assignment to names, tuples of them, and attributes of namespaces.

use diagnostic::Kind;
use pyvalue::Value;

use super::Scope;
use crate::Error;
use crate::ast::{Name, Place, Target};
use crate::lexer::Span;
use crate::objects::Namespace;

impl Scope<'_> {
    pub(super) fn assign(&self, target: &Target, value: Value) -> Result<(), Error> {
        match target {
            Target::Name(name) => {
                self.assign_name(name, value);
                Ok(())
            }
            Target::Tuple(targets, span) => self
                .unpack(targets, &value)
                .map_err(|error| self.at(error, *span)),
            Target::Member(name, attribute, span) => self
                .assign_member(name, attribute, value)
                .map_err(|error| self.at(error, *span)),
        }
    }

    pub(super) fn assign_name(&self, name: &Name, value: Value) {
        if let Place::Slot { outward, index } = name.place {
            let at = self.slot(outward, index);
            self.run.memory.slots.borrow_mut()[at] = Some(value);
        }
    }

    /// Fails where an attribute of something else than a namespace is to be set.
    pub(super) fn check_members(&self, target: &Target) -> Result<(), Error> {
        match target {
            Target::Name(_) => Ok(()),
            Target::Tuple(targets, _) => targets
                .iter()
                .try_for_each(|target| self.check_members(target)),
            Target::Member(name, _, span) => {
                let holder = self.name(name);
                match holder.as_object::<Namespace>() {
                    Some(_) => Ok(()),
                    None => self.failed(no_namespace(name), *span),
                }
            }
        }
    }

    fn assign_member(&self, name: &Name, attribute: &str, value: Value) -> Result<(), Error> {
        let holder = self.name(name);
        let Some(namespace) = holder.as_object::<Namespace>() else {
            return Err(no_namespace(name));
        };
        // Where a namespace holds itself, its depth grows with each time.
        self.run
            .budget()
            .charge_container(&Value::tuple(vec![value.clone()]))?;
        namespace.set(attribute, value);
        Ok(())
    }

    /// As many values as there are targets.
    fn unpack(&self, targets: &[Target], value: &Value) -> Result<(), Error> {
        let items = self.run.items(value).map_err(|error| {
            if error.kind() == Kind::Type {
                Error::type_error(format!(
                    "cannot unpack non-iterable {} object",
                    value.type_name()
                ))
            } else {
                error
            }
        })?;
        let mut values = Vec::with_capacity(targets.len());
        for item in items {
            if values.len() == targets.len() {
                return Err(Error::other(format!(
                    "too many values to unpack (expected {})",
                    targets.len()
                )));
            }
            values.push(item?);
        }
        if values.len() < targets.len() {
            return Err(Error::other(format!(
                "not enough values to unpack (expected {}, got {})",
                targets.len(),
                values.len()
            )));
        }
        targets
            .iter()
            .zip(values)
            .try_for_each(|(target, value)| self.assign(target, value))
    }

    /// The value of a target, as an expression of the same form has it.
    pub(super) fn target_value(&self, target: &Target) -> Value {
        match target {
            Target::Name(name) | Target::Member(name, ..) => self.name(name),
            Target::Tuple(targets, _) => Value::tuple(
                targets
                    .iter()
                    .map(|target| self.target_value(target))
                    .collect(),
            ),
        }
    }

    pub(super) fn failed<T>(&self, error: Error, span: Span) -> Result<T, Error> {
        Err(self.at(error, span))
    }
}

fn no_namespace(name: &Name) -> Error {
    Error::other(format!(
        "`{}` is no namespace: its attributes cannot be set",
        name.text
    ))
    .note(format!(
        "write `{{% set {} = namespace(...) %}}` before",
        name.text
    ))
}
