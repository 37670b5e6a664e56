//! Which process of a cluster runs which sensor: each about as many as the others, and as few moves as can be.
//!
//! Pure: every process decides alone, from what the store says that all of them hold. What is free goes to whoever has
//! least; when nothing is free, whoever has too much gives some up. As long as nothing changes, nothing moves.

use std::collections::{BTreeMap, BTreeSet};

use model::SensorStatus;

/// What the names of all leases of this role begin with.
pub(crate) const LEASES: &str = "sensor";
/// What the names of the leases begin with by which those processes know of each other that may run every sensor.
const MEMBERSHIP: &str = "sensor-process:";

/// The name of the lease by which others know of this process.
pub(crate) fn membership(holder: &str) -> String {
    format!("{MEMBERSHIP}{holder}")
}

/// How a process stands among those that share the sensors.
#[derive(Debug)]
pub(crate) struct Standing {
    me: String,
    loads: Loads,
    /// Sensors that nobody holds.
    free: BTreeSet<String>,
    /// The leases that this process holds of sensors that are `missing` here.
    own: BTreeSet<String>,
}

impl Standing {
    /// With these leases in force (names and holders); of the sensors that are `missing` here, some may be held by
    /// others.
    pub(crate) fn new<'a>(
        me: &str,
        leases: &[(String, String)],
        missing: impl Iterator<Item = &'a String>,
    ) -> Self {
        let members = leases
            .iter()
            .filter_map(|(name, _)| name.strip_prefix(MEMBERSHIP));
        let sensors = || {
            leases
                .iter()
                .filter(|(name, _)| !name.starts_with(MEMBERSHIP))
        };
        let held: BTreeMap<&String, &String> =
            sensors().map(|(name, holder)| (name, holder)).collect();
        let (mut free, mut own) = (BTreeSet::new(), BTreeSet::new());
        for name in missing {
            let lease = SensorStatus::lease(name);
            match held.get(&lease) {
                None => drop(free.insert(name.clone())),
                Some(holder) if *holder == me => drop(own.insert(lease)),
                Some(_) => {}
            }
        }
        Self {
            me: me.to_owned(),
            loads: Loads::new(
                members.chain([me]),
                sensors().map(|(_, holder)| holder.as_str()),
            ),
            free,
            own,
        }
    }

    /// Of what is missing here: what this process has a lease of already, and what falls to it. And its membership. A
    /// lease of what is not wanted any more, and could not be released, runs out.
    pub(crate) fn leases_to_take(&self) -> impl Iterator<Item = String> {
        let free = self.free.iter().map(String::as_str).collect();
        let share = self.loads.share(&self.me, &free);
        let share: Vec<String> = share.into_iter().map(SensorStatus::lease).collect();
        self.own
            .iter()
            .cloned()
            .chain(share)
            .chain([membership(&self.me)])
    }

    /// How many sensors this process has too many. While one is free, nobody has.
    pub(crate) fn excess(&self) -> usize {
        if self.free.is_empty() {
            self.loads.excess(&self.me)
        } else {
            0
        }
    }
}

/// How many sensors each process holds, itself among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Loads(BTreeMap<String, usize>);

impl Loads {
    /// Of these processes, where these hold a sensor each.
    fn new<'a>(
        members: impl IntoIterator<Item = &'a str>,
        holders: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut loads: BTreeMap<String, usize> = members
            .into_iter()
            .map(|member| (member.to_owned(), 0))
            .collect();
        for holder in holders {
            // Others, such as those that run what they were told to, take no part.
            if let Some(load) = loads.get_mut(holder) {
                *load += 1;
            }
        }
        Self(loads)
    }

    /// Those of the free sensors that fall to this process.
    fn share<'a>(&self, me: &str, free: &BTreeSet<&'a str>) -> BTreeSet<&'a str> {
        let mut loads = self.0.clone();
        let mut mine = BTreeSet::new();
        for sensor in free {
            let lowest = loads.iter_mut().min_by_key(|(_, load)| **load);
            let Some((member, load)) = lowest else { break };
            *load += 1;
            if member == me {
                mine.insert(*sensor);
            }
        }
        mine
    }

    /// How many sensors this process has too many, where none is free.
    fn excess(&self, me: &str) -> usize {
        let Some(own) = self.0.get(me).copied() else {
            return 0;
        };
        let total: usize = self.0.values().sum();
        let (each, rest) = (total / self.0.len(), total % self.0.len());
        let goes_before = |member: &str, load: usize| load > own || (load == own && member < me);
        let rank = self
            .0
            .iter()
            .filter(|(member, load)| goes_before(member, **load))
            .count();
        own.saturating_sub(each + usize::from(rank < rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Members `a`, `b`, ... with these loads.
    fn loads(of: &[usize]) -> Loads {
        let names = ('a'..).map(String::from);
        Loads(names.zip(of.iter().copied()).collect())
    }

    fn excess(of: &[usize]) -> Vec<usize> {
        let loads = loads(of);
        loads.0.keys().map(|me| loads.excess(me)).collect()
    }

    #[test]
    fn takes_what_is_free_before_it_gives_up_anything() {
        let leases = |of: &[(&str, &str)]| -> Vec<(String, String)> {
            let owned = |(name, holder): &(&str, &str)| ((*name).to_owned(), (*holder).to_owned());
            of.iter().map(owned).collect()
        };
        let mut held = leases(&[
            ("sensor-process:b", "b"),
            ("sensor:p.A", "a"),
            ("sensor:p.B", "a"),
            ("sensor:p.C", "other"),
        ]);
        let missing = ["p.B", "p.C", "p.D"].map(str::to_owned);

        let a = Standing::new("a", &held, missing.iter());
        assert_eq!(a.excess(), 0);
        let taken: Vec<String> = a.leases_to_take().collect();
        assert_eq!(taken, ["sensor:p.B", "sensor-process:a"]);
        let b = Standing::new("b", &held, missing.iter());
        let taken: Vec<String> = b.leases_to_take().collect();
        assert_eq!(taken, ["sensor:p.D", "sensor-process:b"]);

        held.extend(leases(&[("sensor:p.D", "a")]));
        assert_eq!(Standing::new("a", &held, missing.iter()).excess(), 1);
    }

    #[test]
    fn counts_what_the_members_hold() {
        let loads = Loads::new(["a", "b"], ["a", "stranger", "a"]);

        assert_eq!(loads, super::tests::loads(&[2, 0]));
    }

    #[test]
    fn gives_what_is_free_to_whoever_has_least() {
        let loads = loads(&[3, 1, 1]);
        let free = BTreeSet::from(["p.A", "p.B", "p.C", "p.D", "p.E"]);

        assert_eq!(loads.share("a", &free), BTreeSet::from(["p.E"]));
        assert_eq!(loads.share("b", &free), BTreeSet::from(["p.A", "p.C"]));
        assert_eq!(loads.share("c", &free), BTreeSet::from(["p.B", "p.D"]));
        assert!(loads.share("stranger", &free).is_empty());
    }

    #[test]
    fn who_has_too_much_gives_up_just_that() {
        assert_eq!(excess(&[5, 0]), [2, 0]);
        assert_eq!(excess(&[2, 2, 0]), [0, 1, 0]);
        assert_eq!(excess(&[4, 1, 1]), [2, 0, 0]);
        assert_eq!(loads(&[1]).excess("stranger"), 0);
    }

    #[test]
    fn what_is_even_stays_as_it_is() {
        assert_eq!(excess(&[3]), [0]);
        assert_eq!(excess(&[1, 2]), [0, 0]);
        assert_eq!(excess(&[2, 1, 2, 2]), [0, 0, 0, 0]);
        assert_eq!(excess(&[0, 0]), [0, 0]);
    }

    #[test]
    fn comes_to_rest_from_wherever_it_begins() {
        for start in [[9, 0, 0], [1, 7, 3], [0, 0, 2], [4, 4, 3]] {
            let mut now = loads(&start);
            let total: usize = start.iter().sum();
            let mut moves = 0;
            while let Some((giver, count)) = now
                .0
                .keys()
                .map(|me| (me.clone(), now.excess(me)))
                .find(|(_, count)| *count > 0)
            {
                *now.0.get_mut(&giver).unwrap() -= count;
                let names: Vec<String> = (0..count).map(|one| format!("p.{one}")).collect();
                let free = names.iter().map(String::as_str).collect();
                let shares: Vec<(String, usize)> = now
                    .0
                    .keys()
                    .map(|me| (me.clone(), now.share(me, &free).len()))
                    .collect();
                for (member, count) in shares {
                    *now.0.get_mut(&member).unwrap() += count;
                }
                moves += count;
                assert!(moves <= total, "{start:?} goes on and on: {now:?}");
            }
            let (least, most) = (now.0.values().min().unwrap(), now.0.values().max().unwrap());
            assert!(most - least <= 1, "{start:?} ends as {now:?}");
            assert_eq!(now.0.values().sum::<usize>(), total);
        }
    }
}
