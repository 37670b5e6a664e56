//! Which characters words are made of: what Python's `\w` takes.

use pyvalue::text::is_letter;

/// Whether a word may hold it: letters and numbers of any script, and `_`; no marks.
pub(super) fn is_word(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric() || character == '_';
    }
    is_letter(character) || character.is_numeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_numbers_make_words_but_marks_do_not() {
        for character in "aZ_9é中٣²Ⅷªー".chars() {
            assert!(is_word(character), "{character}");
        }
        for character in "-$ \u{345}\u{903}Ⓐ🄰“".chars() {
            assert!(!is_word(character), "{character}");
        }
    }
}
