//! How the arguments of a call fall on the parameters of one overload.

use crate::ast::{Node, NodeKind};
use crate::function::{Absence, Function, Param, Quantity, Type};

use super::{Given, Named};

/// Which parameter each argument falls on.
pub(crate) struct Matching<'a> {
    positional: Vec<&'a Param>,
    named: Vec<&'a Param>,
    /// A bit for each argument that stays unevaluated; named ones from [`NAMED`] on.
    pub(crate) lazy: u64,
}

/// The first bit of named arguments.
const NAMED: usize = 40;

/// Whether a positional argument stays unevaluated.
pub(crate) fn is_lazy(lazy: u64, index: usize) -> bool {
    lazy & (1 << index.min(NAMED - 1)) != 0
}

/// Whether a named argument stays unevaluated.
pub(crate) fn is_lazy_name(lazy: u64, index: usize) -> bool {
    lazy & (1 << (NAMED + index).min(63)) != 0
}

impl<'a> Matching<'a> {
    /// How the arguments fall; nothing where they cannot, as far as that is seen without evaluating any.
    pub(crate) fn of(
        function: &'a Function,
        positional: &[Given<'_>],
        named: &Named<'_>,
    ) -> Option<Self> {
        let mut singles = 0;
        let mut rest = None;
        let mut named_rest = None;
        for param in function.params {
            match param.quantity {
                Quantity::One => {
                    fits_somewhere(param, singles, positional, named)?;
                    singles += 1;
                }
                Quantity::Rest => rest = Some(param),
                Quantity::NamedRest => named_rest = Some(param),
            }
        }
        let mut matching = Self {
            positional: Vec::with_capacity(positional.len()),
            named: Vec::with_capacity(named.len()),
            lazy: 0,
        };
        let single = |index: usize| {
            let mut all = function.params.iter();
            all.by_ref()
                .filter(|param| param.quantity == Quantity::One)
                .nth(index)
        };
        for (index, given) in positional.iter().enumerate() {
            let param = if index < singles { single(index) } else { rest }?;
            if !takes(param, given) {
                return None;
            }
            if param.kind.is_lazy() {
                matching.lazy |= 1 << index.min(NAMED - 1);
            }
            matching.positional.push(param);
        }
        for (index, (name, given)) in named.iter().enumerate() {
            let known = function
                .params
                .iter()
                .find(|param| param.quantity == Quantity::One && *param.name == **name);
            let param = match known {
                Some(param) => param,
                None => named_rest.filter(|param| takes(param, given))?,
            };
            if param.kind.is_lazy() {
                matching.lazy |= 1 << (NAMED + index).min(63);
            }
            matching.named.push(param);
        }
        Some(matching)
    }

    /// Whether the arguments fit, now that they are evaluated.
    pub(crate) fn takes(&self, positional: &[Given<'_>], named: &Named<'_>) -> bool {
        let mut by_position = self.positional.iter().zip(positional);
        let mut by_name = self.named.iter().zip(named);
        by_position.all(|(param, given)| takes(param, given))
            && by_name.all(|(param, (_, given))| takes(param, given))
    }
}

/// A parameter must be given once, by position or by name, or have a default.
fn fits_somewhere(
    param: &Param,
    index: usize,
    positional: &[Given<'_>],
    named: &Named<'_>,
) -> Option<()> {
    let by_position = positional
        .get(index)
        .is_some_and(|given| !matches!(given, Given::Omitted));
    let by_name = named.iter().any(|(name, _)| **name == *param.name);
    let fits = match (by_position, by_name) {
        (true, by_name) => !by_name,
        (false, true) => true,
        (false, false) => param.default != Absence::Required,
    };
    fits.then_some(())
}

/// Whether a parameter takes an argument; one that is not evaluated yet is taken on trust.
pub(super) fn takes(param: &Param, given: &Given<'_>) -> bool {
    match given {
        Given::Node(node) => takes_node(param, node),
        Given::Pair(..) => !matches!(param.kind, Type::MethodLambda | Type::Keyword),
        Given::Value(value) => {
            !matches!(param.kind, Type::Mapping | Type::Expression | Type::Keyword)
                && param.takes(value)
        }
        Given::Omitted => true,
    }
}

fn takes_node(param: &Param, node: &Node) -> bool {
    match param.kind {
        Type::Keyword => matches!(node.kind, NodeKind::Keyword(_)),
        Type::MethodLambda => matches!(node.kind, NodeKind::Call { .. }),
        Type::Lambda | Type::Expression => true,
        Type::Mapping => false,
        _ => match &node.kind {
            NodeKind::Constant(value) => param.takes(value),
            NodeKind::Keyword(_) => {
                matches!(param.kind, Type::Any | Type::Str)
            }
            _ => true,
        },
    }
}

/// Whether one overload is the narrower of two that both take the arguments.
pub(crate) fn narrower(one: &Matching<'_>, other: &Matching<'_>) -> bool {
    let positional = one.positional.iter().zip(&other.positional);
    let named = one.named.iter().zip(&other.named);
    let mut is_narrower = false;
    for (one, other) in positional.chain(named) {
        if other.kind.is_narrower(one.kind) {
            return false;
        }
        is_narrower |= one.kind.is_narrower(other.kind);
    }
    is_narrower
}
