//! `a=1&b=2`, in queries and in form bodies.

use percent_encoding::percent_decode;

/// Names and values in order, decoded; invalid UTF-8 is replaced.
pub(super) fn pairs(text: &[u8]) -> Vec<(String, String)> {
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let middle = pair
                .iter()
                .position(|byte| *byte == b'=')
                .unwrap_or(pair.len());
            (
                decode(&pair[..middle]),
                decode(pair.get(middle + 1..).unwrap_or_default()),
            )
        })
        .collect()
}

fn decode(text: &[u8]) -> String {
    let spaced: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_names_and_values() {
        let expected = [("a b", "c&d"), ("e", ""), ("f", ""), ("g", "1=2")];

        let read = pairs(b"a+b=c%26d&&e=&f&g=1=2");

        assert_eq!(
            read,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
}
