//! Bounds of one evaluation: expressions are data, and data must not take the process down.

use std::cell::Cell;

use crate::{Class, Error, Value};

/// What one evaluation may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Steps: nodes evaluated, items produced.
    pub steps: u64,
    /// Bytes of texts and containers made, all told (also those no longer held).
    pub bytes: u64,
    /// Calls within calls, and containers within containers.
    pub depth: u32,
}

/// What one evaluation has left.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    steps: Cell<u64>,
    bytes: Cell<u64>,
    depth: Cell<u32>,
}

/// A call that has not returned yet; dropping it ends it.
#[derive(Debug)]
pub struct Nested<'b>(&'b Budget);

impl Default for Limits {
    /// 10 million steps, 256 MiB, 100 calls deep.
    fn default() -> Self {
        Self {
            steps: 10_000_000,
            bytes: 256 << 20,
            depth: 100,
        }
    }
}

impl Budget {
    /// A fresh one.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            steps: Cell::new(limits.steps),
            bytes: Cell::new(limits.bytes),
            depth: Cell::new(0),
        }
    }

    /// Takes one step.
    #[inline]
    pub fn step(&self) -> Result<(), Error> {
        self.steps(1)
    }

    /// Takes many steps.
    #[inline]
    pub fn steps(&self, count: u64) -> Result<(), Error> {
        match self.steps.get().checked_sub(count) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => Err(self.out_of_steps()),
        }
    }

    /// Takes memory. To be asked before it is allocated.
    #[inline]
    pub fn charge(&self, bytes: usize) -> Result<(), Error> {
        match self.bytes.get().checked_sub(bytes as u64) {
            Some(left) => {
                self.bytes.set(left);
                Ok(())
            }
            None => Err(self.out_of_memory()),
        }
    }

    #[cold]
    fn out_of_steps(&self) -> Error {
        limit(format!(
            "the expression takes more than {} steps",
            self.limits.steps
        ))
    }

    #[cold]
    fn out_of_memory(&self) -> Error {
        limit(format!(
            "the expression takes more than {} bytes of memory",
            self.limits.bytes
        ))
    }

    /// Takes the memory of a container's own items, and refuses one that is nested too deep or weighs too much.
    pub fn charge_container(&self, value: &Value) -> Result<(), Error> {
        self.check_container(value)?;
        let items = match value {
            Value::List(items) | Value::Tuple(items) => items.len(),
            Value::Dict(dict) => dict.len() * 3,
            Value::Set(set) => set.len() * 3,
            _ => return Ok(()),
        };
        self.charge(items.saturating_mul(size_of::<Value>()))
    }

    /// Refuses a container that is nested too deep or weighs too much; its items are charged already.
    pub fn check_container(&self, value: &Value) -> Result<(), Error> {
        if value.depth() > self.limits.depth {
            return Err(limit(format!(
                "values are nested more than {} levels deep",
                self.limits.depth
            )));
        }
        if value.weight() > self.limits.bytes {
            return Err(limit(format!(
                "a value would take more than {} bytes if it were written out",
                self.limits.bytes
            )));
        }
        Ok(())
    }

    /// Takes the steps that a walk through all of a value takes: before it is printed, compared or hashed.
    pub fn walk(&self, value: &Value) -> Result<(), Error> {
        self.steps(value.weight() / size_of::<Value>() as u64)
    }

    /// Enters a call; refused where calls are nested too deep.
    pub fn enter(&self) -> Result<Nested<'_>, Error> {
        if self.depth.get() >= self.limits.depth {
            return Err(limit(format!(
                "calls are nested more than {} levels deep",
                self.limits.depth
            )));
        }
        self.depth.set(self.depth.get() + 1);
        Ok(Nested(self))
    }
}

impl Drop for Nested<'_> {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get() - 1);
    }
}

fn limit(message: String) -> Error {
    Error::new(Class::Limit, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_weighs_as_if_it_were_not() {
        let budget = Budget::new(Limits {
            bytes: 1 << 20,
            ..Limits::default()
        });
        let mut value = Value::from("text");
        let mut doublings = 0;
        let error = loop {
            value = Value::list(vec![value.clone(), value]);
            doublings += 1;
            if let Err(error) = budget.charge_container(&value) {
                break error;
            }
        };

        assert!(doublings < 20, "{doublings}");
        assert_eq!(
            error.to_string(),
            "a value would take more than 1048576 bytes if it were written out"
        );
    }

    #[test]
    fn changes_keep_the_weight_right() {
        let mut dict = crate::Dict::default();
        dict.insert("a", "long text");
        dict.insert("a", 1);
        dict.insert("b", Value::None);
        dict.remove(&Value::from("b"));

        let fresh: crate::Dict = [("a", Value::Int(1))].into_iter().collect();
        assert_eq!(dict.weight(), fresh.weight());
    }
}
