//! A stable sort whose comparison may fail, or contradict itself, as Python's may.
//!
//! It compares in the order in which Python's does for short lists, so that mixed lists end, or fail, alike.

use std::cmp::Ordering;

use pyvalue::Value;

use crate::{Error, Run};

/// Lists up to this length are sorted by insertion, as Python does.
const SHORT: usize = 64;

/// The values behind their keys, in the keys' order. Python turns the list round before and after where it is to
/// fall, so that equals keep their order.
pub(crate) fn sort_keyed(
    mut keyed: Vec<(Value, Value)>,
    is_reverse: bool,
    run: &Run<'_>,
) -> Result<Vec<Value>, Error> {
    if is_reverse {
        keyed.reverse();
    }
    sort(&mut keyed, |one, other| {
        Ok::<_, Error>(run.order(&one.0, &other.0)? == Some(Ordering::Less))
    })?;
    if is_reverse {
        keyed.reverse();
    }
    Ok(keyed.into_iter().map(|(_, value)| value).collect())
}

/// Sorts by a "less than".
pub(crate) fn sort<T: Clone, E>(
    items: &mut [T],
    mut less: impl FnMut(&T, &T) -> Result<bool, E>,
) -> Result<(), E> {
    sort_with(items, &mut less)
}

fn sort_with<T: Clone, E, L: FnMut(&T, &T) -> Result<bool, E>>(
    items: &mut [T],
    less: &mut L,
) -> Result<(), E> {
    if items.len() < 2 {
        return Ok(());
    }
    let run = sorted_run(items, less)?;
    if run == items.len() {
        return Ok(());
    }
    if items.len() < SHORT {
        return insert_from(items, run, less);
    }
    let (front, back) = items.split_at_mut(items.len() / 2);
    sort_with(front, less)?;
    sort_with(back, less)?;
    merge(items, less)
}

/// How many items at the beginning are in order; a strictly falling run is turned round.
fn sorted_run<T, E, L: FnMut(&T, &T) -> Result<bool, E>>(
    items: &mut [T],
    less: &mut L,
) -> Result<usize, E> {
    let falls = less(&items[1], &items[0])?;
    let mut end = 2;
    while end < items.len() && less(&items[end], &items[end - 1])? == falls {
        end += 1;
    }
    if falls {
        items[..end].reverse();
    }
    Ok(end)
}

/// Inserts each item from `start` on where it belongs, behind its equals.
fn insert_from<T, E, L: FnMut(&T, &T) -> Result<bool, E>>(
    items: &mut [T],
    start: usize,
    less: &mut L,
) -> Result<(), E> {
    for at in start..items.len() {
        let (mut low, mut high) = (0, at);
        while low < high {
            let middle = low + (high - low) / 2;
            if less(&items[at], &items[middle])? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        items[low..=at].rotate_right(1);
    }
    Ok(())
}

/// Merges two sorted halves.
fn merge<T: Clone, E, L: FnMut(&T, &T) -> Result<bool, E>>(
    items: &mut [T],
    less: &mut L,
) -> Result<(), E> {
    let front: Vec<T> = items[..items.len() / 2].to_vec();
    let (mut from_front, mut from_back, mut to) = (0, front.len(), 0);
    while from_front < front.len() {
        if from_back < items.len() && less(&items[from_back], &front[from_front])? {
            items[to] = items[from_back].clone();
            from_back += 1;
        } else {
            items[to] = front[from_front].clone();
            from_front += 1;
        }
        to += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut items: Vec<(i32, usize)>) -> Vec<(i32, usize)> {
        sort(&mut items, |one, other| Ok::<_, ()>(one.0 < other.0)).unwrap();
        items
    }

    #[test]
    fn sorts_stably_at_any_length() {
        for length in [0, 1, 2, 3, 63, 64, 65, 500] {
            let items: Vec<(i32, usize)> = (0..length)
                .map(|at| (i32::try_from(at * 7919 % 10).unwrap(), at))
                .collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);

            assert_eq!(sorted(items), expected, "{length} items");
        }
    }

    #[test]
    fn stops_at_the_first_failing_comparison() {
        let outcome = sort(&mut [3, 1, 2], |one, other| {
            if *one == 2 {
                Err((*one, *other))
            } else {
                Ok(one < other)
            }
        });

        assert_eq!(outcome, Err((2, 1)));
    }

    #[test]
    fn survives_an_order_that_contradicts_itself() {
        let mut items: Vec<f64> = (0..200)
            .map(|at| {
                if at % 3 == 0 {
                    f64::NAN
                } else {
                    f64::from(at % 17)
                }
            })
            .collect();

        sort(&mut items, |one, other| Ok::<_, ()>(one < other)).unwrap();

        assert_eq!(items.len(), 200);
    }
}
