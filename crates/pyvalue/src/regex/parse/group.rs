//! What an opening parenthesis begins.

use std::sync::Arc;

use super::{MAX_DEPTH, Mode, Parser, Part};
use crate::regex::source::Token;
use crate::regex::syntax::{Node, Width};
use crate::{Class, Error, Value, text};

/// Numbers of groups end here.
const MAX_GROUPS: usize = (u32::MAX / 4) as usize;

/// What a group does beside holding its contents together.
enum Role {
    Capturing(Option<String>),
    Plain,
    Atomic,
}

/// A number as `int()` reads it: with a sign, spaces and underscores. None where it is no number, or a negative one.
pub(in crate::regex) fn group_number(name: &str) -> Option<usize> {
    let digits = text::strip(name, None);
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let is_number = digits
        .split('_')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    is_number.then(|| digits.replace('_', "").parse().unwrap_or(usize::MAX))
}

fn quoted(name: &str) -> String {
    Value::from(name).repr()
}

impl Parser {
    /// A group, its parenthesis read. None where it leaves nothing behind: comments, and flags for the whole pattern
    /// (which only `is_first` may set).
    pub(super) fn group(&mut self, mode: &mut Mode, is_first: bool) -> Result<Option<Part>, Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::new(
                Class::Limit,
                "the pattern is nested too deep: use fewer groups within groups",
            ));
        }
        let part = self.any_group(mode, is_first);
        self.depth -= 1;
        part
    }

    fn any_group(&mut self, mode: &mut Mode, is_first: bool) -> Result<Option<Part>, Error> {
        let start = self.source.tell() - 1;
        if !self.source.skip('?')? {
            return self.contents(start, Role::Capturing(None), *mode).map(Some);
        }
        let token = self.after_question_mark()?;
        match token {
            Token::Plain('P') => self.named(start, *mode).map(Some),
            Token::Plain(':') => self.contents(start, Role::Plain, *mode).map(Some),
            Token::Plain('>') => self.contents(start, Role::Atomic, *mode).map(Some),
            Token::Plain('#') => self.comment(start).map(|()| None),
            Token::Plain(direction @ ('=' | '!' | '<')) => {
                self.look(start, direction, *mode).map(Some)
            }
            Token::Plain('(') => self.conditional(start, *mode).map(Some),
            Token::Plain(flag @ ('i' | 'L' | 'm' | 's' | 'x' | 'a' | 't' | 'u' | '-')) => {
                self.flags(start, flag, mode, is_first)
            }
            other => Err(self.source.error(
                format!("unknown extension ?{}", other.text()),
                other.len() + 1,
            )),
        }
    }

    fn after_question_mark(&mut self) -> Result<Token, Error> {
        match self.source.next()? {
            Some(token) => Ok(token),
            None => Err(self.source.error("unexpected end of pattern", 0)),
        }
    }

    fn close(&mut self, start: usize) -> Result<(), Error> {
        if self.source.skip(')')? {
            return Ok(());
        }
        Err(self
            .source
            .error_at("missing ), unterminated subpattern", start))
    }

    fn contents(&mut self, start: usize, role: Role, mode: Mode) -> Result<Part, Error> {
        let number = match &role {
            Role::Capturing(name) => Some(self.open(name.as_deref())?),
            _ => None,
        };
        let (node, width) = self.branches(Some(mode))?;
        self.close(start)?;
        let node = Box::new(node);
        Ok(match (role, number) {
            (Role::Capturing(_), Some(number)) => {
                self.widths[number] = Some(width);
                Part::new(Node::Group(node), width)
            }
            (Role::Atomic, _) => Part::new(Node::Atomic(node), width),
            _ => Part::new(*node, width),
        })
    }

    fn open(&mut self, name: Option<&str>) -> Result<usize, Error> {
        let number = self.widths.len();
        if let Some(name) = name {
            if let Some((_, other)) = self.names.iter().find(|(known, _)| **known == *name) {
                let message = format!(
                    "redefinition of group name {} as group {number}; was group {other}",
                    quoted(name)
                );
                return Err(self.source.error(message, name.chars().count() + 1));
            }
            self.names.push((Arc::from(name), number));
        }
        self.widths.push(None);
        Ok(number)
    }

    /// `(?P`: a named group, or a reference to one.
    fn named(&mut self, start: usize, mode: Mode) -> Result<Part, Error> {
        if self.source.skip('<')? {
            let name = self.source.take_until('>', "group name")?;
            self.check_name(&name)?;
            return self.contents(start, Role::Capturing(Some(name)), mode);
        }
        if self.source.skip('=')? {
            let name = self.source.take_until(')', "group name")?;
            self.check_name(&name)?;
            let group = self.group_named(&name)?;
            return self.reference(group, name.chars().count() + 1, mode);
        }
        let token = self.after_question_mark()?;
        Err(self.source.error(
            format!("unknown extension ?P{}", token.text()),
            token.len() + 2,
        ))
    }

    fn check_name(&self, name: &str) -> Result<(), Error> {
        if text::is_identifier(name) {
            return Ok(());
        }
        Err(self.source.error(
            format!("bad character in group name {}", quoted(name)),
            name.chars().count() + 1,
        ))
    }

    fn group_named(&self, name: &str) -> Result<usize, Error> {
        let found = self.names.iter().find(|(known, _)| **known == *name);
        found.map(|(_, group)| *group).ok_or_else(|| {
            self.source.error(
                format!("unknown group name {}", quoted(name)),
                name.chars().count() + 1,
            )
        })
    }

    fn comment(&mut self, start: usize) -> Result<(), Error> {
        loop {
            match self.source.next()? {
                None => {
                    return Err(self
                        .source
                        .error_at("missing ), unterminated comment", start));
                }
                Some(Token::Plain(')')) => return Ok(()),
                Some(_) => {}
            }
        }
    }

    fn look(&mut self, start: usize, direction: char, mode: Mode) -> Result<Part, Error> {
        let ahead = direction != '<';
        let mut sign = Token::Plain(direction);
        let outer = self.look_behind_groups;
        if !ahead {
            sign = self.after_question_mark()?;
            if !matches!(sign, Token::Plain('=' | '!')) {
                return Err(self.source.error(
                    format!("unknown extension ?<{}", sign.text()),
                    sign.len() + 2,
                ));
            }
            self.look_behind_groups = outer.or(Some(self.widths.len()));
        }
        let (node, width) = self.branches(Some(mode))?;
        self.look_behind_groups = outer;
        self.close(start)?;
        self.has_variable_look_behind |= !ahead && !width.is_fixed();
        Ok(Part::new(
            Node::Look {
                ahead,
                negated: sign == Token::Plain('!'),
                node: Box::new(node),
            },
            Width::NONE,
        ))
    }

    fn conditional(&mut self, start: usize, mode: Mode) -> Result<Part, Error> {
        let name = self.source.take_until(')', "group name")?;
        let group = self.condition(&name)?;
        self.check_look_behind(group)?;
        let (yes, mut width) = self.sequence(mode, false)?;
        let mut no = None;
        if self.source.skip('|')? {
            let (node, other) = self.sequence(mode, false)?;
            width = width.or(other);
            no = Some(Box::new(node));
            if self.source.peek() == Some(Token::Plain('|')) {
                return Err(self
                    .source
                    .error("conditional backref with more than two branches", 0));
            }
        } else {
            width.min = 0;
        }
        self.close(start)?;
        let yes = Box::new(yes);
        Ok(Part::new(Node::Conditional { group, yes, no }, width))
    }

    /// The group that a condition asks for.
    fn condition(&mut self, name: &str) -> Result<usize, Error> {
        if text::is_identifier(name) {
            return self.group_named(name);
        }
        let length = name.chars().count();
        let group = group_number(name).ok_or_else(|| {
            let message = format!("bad character in group name {}", quoted(name));
            self.source.error(message, length + 1)
        })?;
        if group == 0 {
            return Err(self.source.error("bad group number", length + 1));
        }
        if group >= MAX_GROUPS {
            return Err(self
                .source
                .error(format!("invalid group reference {group}"), length + 1));
        }
        if self.conditions.iter().all(|(known, _)| *known != group) {
            self.conditions
                .push((group, self.source.tell() - length - 1));
        }
        Ok(group)
    }

    /// `(?i)`, `(?i-s:...)`.
    fn flags(
        &mut self,
        start: usize,
        first: char,
        mode: &mut Mode,
        is_first: bool,
    ) -> Result<Option<Part>, Error> {
        let mut on = String::new();
        let mut next = first;
        if first != '-' {
            next = self.flags_on(first, &mut on)?;
            if next == ')' {
                self.mode = self.mode.with(&on, "");
                if !is_first {
                    return Err(self
                        .source
                        .error_at("global flags not at the start of the expression", start));
                }
                *mode = self.mode;
                return Ok(None);
            }
        }
        if on.contains('t') {
            return Err(self
                .source
                .error("bad inline flags: cannot turn on global flag", 1));
        }
        let mut off = String::new();
        if next == '-' {
            self.flags_off(&mut off)?;
        }
        if off.contains('t') {
            return Err(self
                .source
                .error("bad inline flags: cannot turn off global flag", 1));
        }
        if on.chars().any(|flag| off.contains(flag)) {
            return Err(self
                .source
                .error("bad inline flags: flag turned on and off", 1));
        }
        self.contents(start, Role::Plain, mode.with(&on, &off))
            .map(Some)
    }

    /// Flags up to `)`, `-` or `:`, which is returned.
    fn flags_on(&mut self, first: char, on: &mut String) -> Result<char, Error> {
        let mut flag = first;
        loop {
            if flag == 'L' {
                return Err(self.source.error(
                    "bad inline flags: cannot use 'L' flag with a str pattern",
                    0,
                ));
            }
            on.push(flag);
            if on.contains('a') && on.contains('u') {
                return Err(self.source.error(
                    "bad inline flags: flags 'a', 'u' and 'L' are incompatible",
                    0,
                ));
            }
            flag = self.flag("missing -, : or )")?;
            if matches!(flag, ')' | '-' | ':') {
                return Ok(flag);
            }
        }
    }

    /// Flags behind `-`, up to the colon.
    fn flags_off(&mut self, off: &mut String) -> Result<(), Error> {
        let mut missing = "missing flag";
        loop {
            let flag = self.flag(missing)?;
            match flag {
                ':' if !off.is_empty() => return Ok(()),
                ')' | '-' | ':' => return Err(self.source.error(missing, 1)),
                'a' | 'u' | 'L' => {
                    return Err(self.source.error(
                        "bad inline flags: cannot turn off flags 'a', 'u' and 'L'",
                        0,
                    ));
                }
                _ => off.push(flag),
            }
            missing = "missing :";
        }
    }

    /// A flag, or one of the characters that end flags.
    fn flag(&mut self, missing: &str) -> Result<char, Error> {
        let token = self.source.next()?;
        match token {
            None => Err(self.source.error(missing, 0)),
            Some(Token::Plain(
                flag @ ('i' | 'L' | 'm' | 's' | 'x' | 'a' | 't' | 'u' | '-' | ':' | ')'),
            )) => Ok(flag),
            Some(token) => {
                let is_letter = matches!(token, Token::Plain(letter) if letter.is_alphabetic());
                let message = if is_letter { "unknown flag" } else { missing };
                Err(self.source.error(message, token.len()))
            }
        }
    }
}

impl Mode {
    fn with(mut self, on: &str, off: &str) -> Self {
        for (flags, value) in [(on, true), (off, false)] {
            for flag in flags.chars() {
                match flag {
                    'i' => self.flags.ignore_case = value,
                    'm' => self.flags.multi_line = value,
                    's' => self.flags.dot_all = value,
                    'x' => self.flags.verbose = value,
                    'a' => self.ascii = true,
                    'u' => self.ascii = false,
                    _ => {}
                }
            }
        }
        self
    }
}
