//! The order of histories.

use super::Params;

/// Which end of a history comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The usual.
    NewestFirst,
    /// Where somebody walks forward.
    OldestFirst,
}

impl Order {
    /// As StackStorm: newest first where `sort_desc` or `NAME_lt` is given, else oldest first where `sort_asc` or
    /// `NAME_gt` is, else newest first.
    pub(crate) fn of(params: &Params, name: &str) -> Self {
        let given = |name: &str| params.get(name).is_some();
        let is_newest = given("sort_desc") || given(&format!("{name}_lt"));
        let is_oldest = given("sort_asc") || given(&format!("{name}_gt"));
        if is_oldest && !is_newest {
            Self::OldestFirst
        } else {
            Self::NewestFirst
        }
    }

    pub(crate) fn is_oldest_first(self) -> bool {
        self == Self::OldestFirst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_bound_in_time_turns_the_order_around() {
        let order = |query: &str| Order::of(&Params::parse(query), "timestamp");

        assert_eq!(order(""), Order::NewestFirst);
        assert_eq!(order("timestamp_gt=x"), Order::OldestFirst);
        assert_eq!(order("timestamp_gt=x&timestamp_lt=y"), Order::NewestFirst);
        assert_eq!(order("sort_asc=True"), Order::OldestFirst);
        assert_eq!(order("sort_asc=True&sort_desc=True"), Order::NewestFirst);
    }
}
