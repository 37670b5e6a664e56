//! Upper and lower case.

use unicode_general_category::{GeneralCategory, get_general_category};

use super::classify::is_title_letter;

/// `text.lower()`.
#[must_use]
pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// `text.upper()`.
#[must_use]
pub fn upper(text: &str) -> String {
    text.to_uppercase()
}

/// `text.casefold()`.
#[must_use]
pub fn casefold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            // Cherokee folds to upper case.
            '\u{131}' | '\u{13a0}'..='\u{13f5}' => folded.push(character),
            '\u{13f8}'..='\u{13fd}' | '\u{ab70}'..='\u{abbf}' => {
                folded.extend(character.to_uppercase());
            }
            '\u{1e9e}' => folded.push_str("ss"),
            other => folded.extend(other.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    folded
}

/// `text.swapcase()`.
#[must_use]
pub fn swapcase(text: &str) -> String {
    let mut swapped = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if character.is_uppercase() {
            push_lower(text, at, character, &mut swapped);
        } else if character.is_lowercase() {
            swapped.extend(character.to_uppercase());
        } else {
            swapped.push(character);
        }
    }
    swapped
}

/// `text.capitalize()`.
#[must_use]
pub fn capitalize(text: &str) -> String {
    let mut capitalized = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if at == 0 {
            push_title(character, &mut capitalized);
        } else {
            push_lower(text, at, character, &mut capitalized);
        }
    }
    capitalized
}

/// `text.title()`: words begin with a capital.
#[must_use]
pub fn title(text: &str) -> String {
    let mut titled = String::with_capacity(text.len());
    let mut follows_cased = false;
    for (at, character) in text.char_indices() {
        if follows_cased {
            push_lower(text, at, character, &mut titled);
        } else {
            push_title(character, &mut titled);
        }
        follows_cased = is_cased(character);
    }
    titled
}

fn is_cased(character: char) -> bool {
    character.is_lowercase() || character.is_uppercase() || is_title_letter(character)
}

/// Whether a final sigma is sought beyond it.
fn is_case_ignorable(character: char) -> bool {
    use GeneralCategory as Category;
    matches!(
        character,
        '\'' | '.'
            | ':'
            | '\u{b7}'
            | '\u{387}'
            | '\u{55f}'
            | '\u{5f4}'
            | '\u{2018}'
            | '\u{2019}'
            | '\u{2024}'
            | '\u{2027}'
            | '\u{fe13}'
            | '\u{fe52}'
            | '\u{fe55}'
            | '\u{ff07}'
            | '\u{ff0e}'
            | '\u{ff1a}'
    ) || matches!(
        get_general_category(character),
        Category::NonspacingMark
            | Category::EnclosingMark
            | Category::Format
            | Category::ModifierLetter
            | Category::ModifierSymbol
    )
}

/// How far a sigma looks around: far beyond any word, so that long runs of marks cost no time.
const REACH: usize = 64;

/// Lower case of the character at `at`: a sigma depends on what stands around it.
fn push_lower(text: &str, at: usize, character: char, output: &mut String) {
    if character != 'Σ' {
        return output.extend(character.to_lowercase());
    }
    let mut before = text[..at].chars().rev().take(REACH);
    let mut after = text[at + character.len_utf8()..].chars().take(REACH);
    let follows = before
        .find(|character| !is_case_ignorable(*character))
        .is_some_and(is_cased);
    let precedes = after
        .find(|character| !is_case_ignorable(*character))
        .is_some_and(is_cased);
    output.push(if follows && !precedes { 'ς' } else { 'σ' });
}

fn push_title(character: char, output: &mut String) {
    match character {
        '\u{1c4}'..='\u{1c6}' => output.push('\u{1c5}'),
        '\u{1c7}'..='\u{1c9}' => output.push('\u{1c8}'),
        '\u{1ca}'..='\u{1cc}' => output.push('\u{1cb}'),
        '\u{1f1}'..='\u{1f3}' => output.push('\u{1f2}'),
        // Georgian has capitals for all-capital words only.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => output.push(character),
        'ß' | 'և' | '\u{fb00}'..='\u{fb06}' | '\u{fb13}'..='\u{fb17}' => {
            let mut upper = character.to_uppercase();
            output.extend(upper.next());
            output.extend(upper.flat_map(char::to_lowercase));
        }
        '\u{1f80}'..='\u{1faf}' => {
            output.extend(char::from_u32(u32::from(character) | 8));
        }
        '\u{1fb3}' | '\u{1fbc}' => output.push('\u{1fbc}'),
        '\u{1fc3}' | '\u{1fcc}' => output.push('\u{1fcc}'),
        '\u{1ff3}' | '\u{1ffc}' => output.push('\u{1ffc}'),
        '\u{1fb7}' => output.push_str("\u{391}\u{342}\u{345}"),
        '\u{1fc7}' => output.push_str("\u{397}\u{342}\u{345}"),
        '\u{1ff7}' => output.push_str("\u{3a9}\u{342}\u{345}"),
        '\u{1fb2}' | '\u{1fb4}' | '\u{1fc2}' | '\u{1fc4}' | '\u{1ff2}' | '\u{1ff4}' => {
            output.extend(character.to_uppercase().take(1));
            output.push('\u{345}');
        }
        other => output.extend(other.to_uppercase()),
    }
}
