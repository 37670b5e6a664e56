//! Joins that the engine could not tell apart: those whose inbound tasks have different splits before them.

use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use super::flow::Flow;
use crate::inspect::outline::Outline;
use crate::inspect::place::Place;
use crate::inspect::{Category, Found};

/// Steps after which the search is given up: then nothing is said against any join.
const PATIENCE: usize = 5_000_000;

/// What is known of a task that the walk came to.
#[derive(Debug, Default, Clone)]
struct Staged {
    is_there: bool,
    /// Split tasks before it, on whatever path.
    splits: BTreeSet<usize>,
    /// The tasks it was reached from.
    inbound: BTreeSet<usize>,
}

struct Arrival {
    from: Option<usize>,
    task: usize,
    splits: Rc<BTreeSet<usize>>,
}

/// Joins of which an inbound task has other splits before it than the join.
///
/// Upstream walks every path there is. What an arrival adds to what is known is all that matters to the outcome, so an
/// arrival that adds nothing is not followed here.
pub(super) fn unreachable(outline: &Outline, flow: &Flow) -> Vec<Found> {
    let Some(staged) = walk(outline, flow) else {
        return Vec::new();
    };
    let is_unreachable = |at: &usize| {
        let join = &staged[*at];
        let mut inbound = join.inbound.iter();
        outline.tasks[*at].is_join() && inbound.any(|before| staged[*before].splits != join.splits)
    };
    (0..staged.len())
        .filter(is_unreachable)
        .map(|at| fault(&outline.tasks[at].name))
        .collect()
}

fn fault(name: &str) -> Found {
    let message = format!(
        "The join task \"{name}\" is unreachable. A join task is determined to be unreachable if there are nested forks \
         from multi-referenced tasks that join on the said task. This is ambiguous to the workflow engine because it \
         does not know at which level should the join occurs."
    );
    let place = Place::task(name).at_own_key();
    Found::new(Category::Semantics, &place, message)
}

fn walk(outline: &Outline, flow: &Flow) -> Option<Vec<Staged>> {
    let mut staged = vec![Staged::default(); outline.tasks.len()];
    let none = Rc::new(BTreeSet::new());
    let mut queue: VecDeque<Arrival> = flow
        .start
        .iter()
        .map(|task| Arrival {
            from: None,
            task: *task,
            splits: Rc::clone(&none),
        })
        .collect();
    let mut steps = 0;
    while let Some(arrival) = queue.pop_front() {
        let task = arrival.task;
        let is_split = flow.inbound[task] > 1 && !outline.tasks[task].is_join();
        let mut splits = arrival.splits;
        if is_split && !flow.is_in_cycle[task] {
            Rc::make_mut(&mut splits).insert(task);
        }
        steps += 1 + splits.len() + flow.next[task].len();
        if steps > PATIENCE {
            return None;
        }
        if !staged[task].take(arrival.from, &splits) {
            continue;
        }
        for next in &flow.next[task] {
            if !staged[*next].is_there || !flow.is_in_cycle[*next] {
                queue.push_back(Arrival {
                    from: Some(task),
                    task: *next,
                    splits: Rc::clone(&splits),
                });
            }
        }
    }
    Some(staged)
}

impl Staged {
    /// Adds what an arrival says; whether it says anything new.
    fn take(&mut self, from: Option<usize>, splits: &BTreeSet<usize>) -> bool {
        let mut is_new = !self.is_there;
        self.is_there = true;
        for split in splits {
            is_new |= self.splits.insert(*split);
        }
        // Where it came from matters to the task itself only, but is followed as well when it is the first time.
        is_new | from.is_some_and(|from| self.inbound.insert(from))
    }
}
