//! Cuts a text into words, numbers and single characters.

use crate::number::decimal_value;
use crate::text::{is_any_digit, is_letter, is_whitespace};

/// A number that is not negative.
#[derive(Debug)]
pub(super) struct Decimal {
    pub(super) whole: i64,
    /// Digits behind the point.
    fraction: String,
}

impl Decimal {
    /// Reads digits with at most one point.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let plain = |digits: &str| -> Option<String> {
            digits
                .chars()
                .map(|digit| char::from_digit(decimal_value(digit)?, 10))
                .collect()
        };
        let (whole, fraction) = (plain(whole)?, plain(fraction)?);
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        Some(Self {
            whole: format!("0{whole}").parse().unwrap_or(i64::MAX),
            fraction,
        })
    }

    pub(super) fn has_fraction(&self) -> bool {
        self.fraction.bytes().any(|digit| digit != b'0')
    }

    /// The fraction in sixtieths, rounded down.
    pub(super) fn sixtieths(&self) -> i64 {
        let digits: String = self
            .fraction
            .chars()
            .chain("0".repeat(15).chars())
            .take(15)
            .collect();
        let fraction: i64 = digits.parse().unwrap_or(0);
        fraction * 60 / 1_000_000_000_000_000
    }
}

/// What a token has been so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Word,
    Number,
    /// Letters and points: cut up later.
    DottedWord,
    /// Digits and points: a number, or cut up later.
    DottedNumber,
}

/// The tokens of a text. Points belong to a number with a single one of them; all other points are tokens.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut characters = text
        .chars()
        .filter(|character| *character != '\0')
        .peekable();
    while let Some(first) = characters.next() {
        let mut state = if is_letter(first) {
            State::Word
        } else if is_any_digit(first) {
            State::Number
        } else {
            let is_space = is_whitespace(first);
            tokens.push(if is_space { ' ' } else { first }.to_string());
            continue;
        };
        let mut token = first.to_string();
        let mut has_letters = false;
        while let Some(next) = characters.peek().copied() {
            has_letters |= matches!(state, State::Word | State::DottedWord);
            match step(state, &token, next) {
                Some(following) => state = following,
                None => break,
            }
            token.push(next);
            characters.next();
        }
        push(token, state, has_letters, &mut tokens);
    }
    tokens
}

/// The state behind one more character; none where the token ends before it.
fn step(state: State, token: &str, next: char) -> Option<State> {
    let (letter, digit) = (is_letter(next), is_any_digit(next));
    match state {
        State::Word if letter => Some(State::Word),
        State::Word if next == '.' => Some(State::DottedWord),
        State::Number if digit => Some(State::Number),
        State::Number if next == '.' || next == ',' && token.chars().count() >= 2 => {
            Some(State::DottedNumber)
        }
        State::DottedWord if letter || next == '.' => Some(State::DottedWord),
        State::DottedWord if digit && token.ends_with('.') => Some(State::DottedNumber),
        State::DottedNumber if digit || next == '.' => Some(State::DottedNumber),
        State::DottedNumber if letter && token.ends_with('.') => Some(State::DottedWord),
        _ => None,
    }
}

fn push(token: String, state: State, has_letters: bool, tokens: &mut Vec<String>) {
    let points = token.matches('.').count();
    let is_dotted = matches!(state, State::DottedWord | State::DottedNumber);
    if is_dotted && (has_letters || points > 1 || token.ends_with(['.', ','])) {
        let mut rest = token.as_str();
        while let Some(at) = rest.find(['.', ',']) {
            tokens.push(rest[..at].to_owned());
            tokens.push(rest[at..=at].to_owned());
            rest = &rest[at + 1..];
        }
        tokens.push(rest.to_owned());
        tokens.retain(|token| !token.is_empty());
        return;
    }
    if state == State::DottedNumber && points == 0 {
        tokens.push(token.replace(',', "."));
    } else {
        tokens.push(token);
    }
}
