//! Which sensors a process may run, as st2's sensor partitioners say it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::str::FromStr;

use md5::{Digest, Md5};

/// Where the hashes end (st2's `Range.RANGE_MAX_VALUE`).
const END: u64 = 1 << 32;

/// Which sensors a process may run. Whatever this says, a sensor has one live copy in a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Partition {
    /// All of them.
    #[default]
    None,
    /// Those whose reference has a hash in one of these ranges.
    Hash(HashRanges),
    /// These.
    Listed(BTreeSet<String>),
}

impl Partition {
    /// Whether the sensor of this reference may run here. `known_by` tells the instances of one sensor apart: they have
    /// hashes of their own, and may be listed alone or all together.
    #[must_use]
    pub fn includes(&self, sensor_ref: &str, known_by: &str) -> bool {
        match self {
            Self::None => true,
            Self::Hash(ranges) => {
                let hash = u64::from(hash(known_by));
                ranges.0.iter().any(|range| range.contains(&hash))
            }
            Self::Listed(sensors) => sensors.contains(known_by) || sensors.contains(sensor_ref),
        }
    }
}

/// Ranges of hashes: `MIN..1024|2048..MAX`, each without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashRanges(Vec<Range<u64>>);

/// Why a text is no list of ranges.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no range of hashes: write `FROM..TO`, numbers up to 4294967296, or MIN and MAX; `|` between ranges"
)]
pub struct RangeError(String);

impl FromStr for HashRanges {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        text.split('|')
            .map(|piece| range(piece).ok_or_else(|| RangeError(piece.trim().to_owned())))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn range(text: &str) -> Option<Range<u64>> {
    let (from, to) = text.split_once("..")?;
    let (from, to) = (bound(from)?, bound(to)?);
    (from <= to).then_some(from..to)
}

/// What is out of bounds is taken for the bound, as in st2.
fn bound(text: &str) -> Option<u64> {
    match text.trim().to_ascii_lowercase().as_str() {
        "min" => Some(0),
        "max" => Some(END),
        number => number
            .parse::<i64>()
            .ok()
            .map(|number| u64::try_from(number).unwrap_or(0).min(END)),
    }
}

/// st2's hash: over the decimal digits of the reference's MD5, the last one first.
fn hash(sensor_ref: &str) -> u32 {
    let digest: [u8; 16] = Md5::digest(sensor_ref.as_bytes()).into();
    let digits = u128::from_be_bytes(digest).to_string();
    digits.bytes().rev().fold(0_u32, |hash, digit| {
        let high = hash & 0xf800_0000;
        (hash << 5) ^ (high >> 27) ^ u32::from(digit - b'0')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out with the Python of st2's `HashPartitioner`.
    #[test]
    fn hashes_as_st2_does() {
        assert_eq!(hash("examples.SampleSensor"), 4_026_535_470);
        assert_eq!(hash("linux.FileWatchSensor"), 1_562_168_054);
    }

    #[test]
    fn takes_what_is_in_its_ranges() {
        let at = u64::from(hash("p.Watch"));
        let ranges = |text: String| Partition::Hash(text.parse().unwrap());

        assert!(ranges("MIN..max".to_owned()).includes("p.Watch", "p.Watch"));
        assert!(ranges(format!("0..1 | {at}..{}", at + 1)).includes("p.Watch", "p.Watch"));
        assert!(!ranges(format!("min..{at}|{}..MAX", at + 1)).includes("p.Watch", "p.Watch"));
        assert!(ranges("-5..99999999999".to_owned()).includes("p.Watch", "p.Watch"));
    }

    #[test]
    fn takes_what_is_listed() {
        let partition = Partition::Listed(["p.Watch".to_owned()].into());

        assert!(partition.includes("p.Watch", "p.Watch"));
        assert!(!partition.includes("p.Other", "p.Other"));
        assert!(partition.includes("p.Watch", "p.Watch@eu"));
        assert!(Partition::None.includes("p.Other", "p.Other"));
    }

    #[test]
    fn says_which_range_is_none() {
        let error = "0..1|5..2".parse::<HashRanges>().unwrap_err();

        assert_eq!(
            error.to_string(),
            "`5..2` is no range of hashes: write `FROM..TO`, numbers up to 4294967296, or MIN and MAX; `|` between ranges"
        );
        assert!("x..2".parse::<HashRanges>().is_err());
        assert!("7".parse::<HashRanges>().is_err());
    }
}
