//! What kinds of characters a text consists of, as Python decides it.

use unicode_general_category::{GeneralCategory, get_general_category};

/// Digits (`2` as an exponent, encircled, ...) that are no decimal ones.
const DIGITS: [(char, char); 20] = [
    ('\u{b2}', '\u{b3}'),
    ('\u{b9}', '\u{b9}'),
    ('\u{1369}', '\u{1371}'),
    ('\u{19da}', '\u{19da}'),
    ('\u{2070}', '\u{2070}'),
    ('\u{2074}', '\u{2079}'),
    ('\u{2080}', '\u{2089}'),
    ('\u{2460}', '\u{2468}'),
    ('\u{2474}', '\u{247c}'),
    ('\u{2488}', '\u{2490}'),
    ('\u{24ea}', '\u{24ea}'),
    ('\u{24f5}', '\u{24fd}'),
    ('\u{24ff}', '\u{24ff}'),
    ('\u{2776}', '\u{277e}'),
    ('\u{2780}', '\u{2788}'),
    ('\u{278a}', '\u{2792}'),
    ('\u{10a40}', '\u{10a43}'),
    ('\u{10e60}', '\u{10e68}'),
    ('\u{11052}', '\u{1105a}'),
    ('\u{1f100}', '\u{1f10a}'),
];

/// Letters that are numbers: Chinese ones.
const NUMERALS: &str = "㐅㒃㠪㭍一七万三九二五亖亿什仟仨伍佰億兆兩八六十千卄卅卌叁参參叄四壱壹幺廾廿弌弍弎弐拾捌柒漆玖百肆萬貮貳贰阡陆陌陸零\u{f96b}\u{f973}\u{f978}\u{f9b2}\u{f9d1}\u{f9d3}\u{f9fd}\u{20001}\u{20064}\u{200e2}\u{20121}\u{2092a}\u{20983}\u{2098c}\u{2099c}\u{20aea}\u{20afd}\u{20b19}\u{22390}\u{22998}\u{23b1b}\u{2626d}\u{2f890}";

/// Python's whitespace: Unicode's, and the four separators of ASCII.
#[must_use]
pub fn is_whitespace(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}

/// Whether it is a letter: `isalpha` of a character.
#[must_use]
pub fn is_letter(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphabetic();
    }
    matches!(
        get_general_category(character),
        GeneralCategory::UppercaseLetter
            | GeneralCategory::LowercaseLetter
            | GeneralCategory::TitlecaseLetter
            | GeneralCategory::ModifierLetter
            | GeneralCategory::OtherLetter
    )
}

/// Whether it is a digit of a decimal number: `isdecimal` of a character.
#[must_use]
pub fn is_decimal_digit(character: char) -> bool {
    character.is_ascii_digit()
        || !character.is_ascii()
            && get_general_category(character) == GeneralCategory::DecimalNumber
}

/// Whether it is a digit: `isdigit` of a character.
#[must_use]
pub fn is_any_digit(character: char) -> bool {
    is_decimal_digit(character)
        || DIGITS
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&character))
}

fn all(text: &str, passes: impl Fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(passes)
}

/// `text.isspace()`.
#[must_use]
pub fn is_space(text: &str) -> bool {
    all(text, is_whitespace)
}

/// `text.isascii()`.
#[must_use]
pub fn is_ascii(text: &str) -> bool {
    text.is_ascii()
}

/// `text.isalpha()`.
#[must_use]
pub fn is_alpha(text: &str) -> bool {
    all(text, is_letter)
}

/// `text.isalnum()`.
#[must_use]
pub fn is_alnum(text: &str) -> bool {
    all(text, |character| {
        is_letter(character) || character.is_numeric()
    })
}

/// `text.isdecimal()`.
#[must_use]
pub fn is_decimal(text: &str) -> bool {
    all(text, is_decimal_digit)
}

/// `text.isdigit()`.
#[must_use]
pub fn is_digit(text: &str) -> bool {
    all(text, is_any_digit)
}

/// `text.isnumeric()`.
#[must_use]
pub fn is_numeric(text: &str) -> bool {
    all(text, |character| {
        character.is_numeric() || NUMERALS.contains(character)
    })
}

/// `text.isidentifier()`.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|first| first == '_' || unicode_ident::is_xid_start(first))
        && characters.all(unicode_ident::is_xid_continue)
}

/// `text.isprintable()`; true for the empty text.
#[must_use]
pub fn is_printable(text: &str) -> bool {
    text.chars().all(crate::is_printable)
}

/// `text.islower()`.
#[must_use]
pub fn is_lower(text: &str) -> bool {
    text.chars().any(char::is_lowercase)
        && !text
            .chars()
            .any(|character| character.is_uppercase() || is_title_letter(character))
}

/// `text.isupper()`.
#[must_use]
pub fn is_upper(text: &str) -> bool {
    text.chars().any(char::is_uppercase)
        && !text
            .chars()
            .any(|character| character.is_lowercase() || is_title_letter(character))
}

/// `text.istitle()`: upper case after what has no case, lower case after what has.
#[must_use]
pub fn is_title(text: &str) -> bool {
    let mut found = false;
    let mut follows_cased = false;
    for character in text.chars() {
        let is_upper = character.is_uppercase() || is_title_letter(character);
        let is_lower = character.is_lowercase();
        if is_upper && follows_cased || is_lower && !follows_cased {
            return false;
        }
        follows_cased = is_upper || is_lower;
        found |= follows_cased;
    }
    found
}

/// Whether it is a letter of two, the first in upper case: `ǅ`.
pub(super) fn is_title_letter(character: char) -> bool {
    matches!(
        character,
        '\u{1c5}'
            | '\u{1c8}'
            | '\u{1cb}'
            | '\u{1f2}'
            | '\u{1f88}'..='\u{1f8f}'
            | '\u{1f98}'..='\u{1f9f}'
            | '\u{1fa8}'..='\u{1faf}'
            | '\u{1fbc}'
            | '\u{1fcc}'
            | '\u{1ffc}'
    )
}

/// The character of a name or alias of Unicode's, in any letter case, as `\N{...}` takes it.
#[must_use]
pub fn named_character(name: &str) -> Option<char> {
    let character = unicode_names2::character(name)?;
    // The table is lax about blanks and hyphens; Python is not.
    let plain = |name: &str| name.replace([' ', '-', '_'], "").to_ascii_uppercase();
    let official = unicode_names2::name(character).map(|official| official.to_string());
    let is_lax = official.is_some_and(|official| {
        !official.eq_ignore_ascii_case(name) && plain(&official) == plain(name)
    });
    (!is_lax).then_some(character)
}
