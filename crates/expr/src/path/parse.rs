//! Reads paths. The precedences are those of jsonpath-rw's grammar: `..` binds weakest, then `.`, `|`, `&`, `where`;
//! a bracket takes everything that stands before it.

use super::Node;

/// Nesting of parentheses that is still read.
const DEEPEST: usize = 64;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Number(i64),
    Operator(String),
    Where,
    DoubleDot,
    Symbol(char),
}

struct Placed {
    token: Token,
    column: usize,
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Placed>>,
    depth: usize,
}

/// Parses a path; the error is the reason.
pub(super) fn parse(text: &str) -> Result<Node, String> {
    let mut parser = Parser {
        tokens: tokens(text)?.into_iter().peekable(),
        depth: 0,
    };
    let node = parser.expression(0)?;
    match parser.tokens.next() {
        None => Ok(node),
        Some(placed) => Err(unexpected(&placed)),
    }
}

impl Parser {
    fn expression(&mut self, weakest: u8) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
        let mut left = self.primary()?;
        while let Some(placed) = self.tokens.peek() {
            if placed.token == Token::Symbol('[') && weakest == 0 {
                let right = self.primary()?;
                left = Node::Child(Box::new(left), Box::new(right));
                continue;
            }
            let Some(strength) = strength(&placed.token).filter(|strength| *strength > weakest)
            else {
                break;
            };
            let operator = self.tokens.next().map(|placed| placed.token);
            let right = Box::new(self.expression(strength)?);
            left = combine(operator.as_ref(), Box::new(left), right);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn primary(&mut self) -> Result<Node, String> {
        let Some(placed) = self.tokens.next() else {
            return Err("it ends where a name, `*`, `[` or `$` is expected".to_owned());
        };
        match &placed.token {
            Token::Symbol('$') => Ok(Node::Root),
            Token::Symbol('*') => Ok(Node::AllFields),
            Token::Symbol('(') => {
                let node = self.expression(0)?;
                self.expect(')')?;
                Ok(node)
            }
            Token::Symbol('[') => self.bracket(),
            Token::Name(name) => self.fields(name.clone()),
            Token::Operator(name) if name == "this" => Ok(Node::This),
            Token::Operator(name) if name == "parent" => Ok(Node::Parent),
            _ => Err(unexpected(&placed)),
        }
    }

    fn bracket(&mut self) -> Result<Node, String> {
        let node = match self.tokens.peek().map(|placed| placed.token.clone()) {
            Some(Token::Symbol('*')) => {
                self.tokens.next();
                Node::Slice(None, None)
            }
            Some(Token::Name(name)) => {
                self.tokens.next();
                self.fields(name)?
            }
            _ => self.index_or_slice()?,
        };
        self.expect(']')?;
        Ok(node)
    }

    fn index_or_slice(&mut self) -> Result<Node, String> {
        let start = self.number();
        if let Some(start) = start.filter(|_| !self.at(':')) {
            return Ok(Node::Index(start));
        }
        self.expect(':')?;
        Ok(Node::Slice(start, self.number()))
    }

    fn fields(&mut self, first: String) -> Result<Node, String> {
        let mut names = vec![first];
        while self.at(',') {
            self.tokens.next();
            match self.tokens.next() {
                Some(Placed {
                    token: Token::Name(name),
                    ..
                }) => names.push(name),
                Some(placed) => return Err(unexpected(&placed)),
                None => return Err("it ends where a name is expected".to_owned()),
            }
        }
        // Upstream cannot tell a quoted star from a bare one.
        if names.iter().any(|name| name == "*") {
            Ok(Node::AllFields)
        } else {
            Ok(Node::Fields(names))
        }
    }

    fn number(&mut self) -> Option<i64> {
        match self.tokens.peek() {
            Some(Placed {
                token: Token::Number(number),
                ..
            }) => {
                let number = *number;
                self.tokens.next();
                Some(number)
            }
            _ => None,
        }
    }

    fn at(&mut self, symbol: char) -> bool {
        self.tokens
            .peek()
            .is_some_and(|placed| placed.token == Token::Symbol(symbol))
    }

    fn expect(&mut self, symbol: char) -> Result<(), String> {
        match self.tokens.next() {
            Some(placed) if placed.token == Token::Symbol(symbol) => Ok(()),
            Some(placed) => Err(unexpected(&placed)),
            None => Err(format!("it ends where `{symbol}` is expected")),
        }
    }
}

fn strength(token: &Token) -> Option<u8> {
    match token {
        Token::DoubleDot => Some(1),
        Token::Symbol('.') => Some(2),
        Token::Symbol('|') => Some(3),
        Token::Symbol('&') => Some(4),
        Token::Where => Some(5),
        _ => None,
    }
}

fn combine(operator: Option<&Token>, left: Box<Node>, right: Box<Node>) -> Node {
    match operator {
        Some(Token::DoubleDot) => Node::Descendants(left, right),
        Some(Token::Where) => Node::Where(left, right),
        Some(Token::Symbol('|')) => Node::Union(left, right),
        Some(Token::Symbol('&')) => Node::Intersection,
        _ => Node::Child(left, right),
    }
}

fn unexpected(placed: &Placed) -> String {
    let text = match &placed.token {
        Token::Name(name) => name.clone(),
        Token::Number(number) => number.to_string(),
        Token::Operator(name) => {
            return format!("unknown operator \\`{name}\\` at column {}", placed.column);
        }
        Token::Where => "where".to_owned(),
        Token::DoubleDot => "..".to_owned(),
        Token::Symbol(symbol) => symbol.to_string(),
    };
    format!("unexpected `{text}` at column {}", placed.column)
}

fn tokens(text: &str) -> Result<Vec<Placed>, String> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let column = at + 1;
        let character = characters[at];
        let rest = &characters[at..];
        let (token, length) = match character {
            ' ' | '\t' | '\n' => {
                at += 1;
                continue;
            }
            '\'' | '"' | '`' => quoted(rest, character, column)?,
            '.' if rest.get(1) == Some(&'.') => (Token::DoubleDot, 2),
            '*' | '.' | '[' | ']' | '(' | ')' | '$' | ',' | ':' | '|' | '&' => {
                (Token::Symbol(character), 1)
            }
            '0'..='9' | '-' => number(rest, column)?,
            'a'..='z' | 'A'..='Z' | '_' | '@' => name(rest),
            other => return Err(format!("unexpected `{other}` at column {column}")),
        };
        tokens.push(Placed { token, column });
        at += length;
    }
    Ok(tokens)
}

fn name(rest: &[char]) -> (Token, usize) {
    let length = rest
        .iter()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '@' | '-'))
        .count();
    let name: String = rest[..length].iter().collect();
    (
        if name == "where" {
            Token::Where
        } else {
            Token::Name(name)
        },
        length,
    )
}

fn number(rest: &[char], column: usize) -> Result<(Token, usize), String> {
    let length = 1 + rest[1..].iter().take_while(|c| c.is_ascii_digit()).count();
    let text: String = rest[..length].iter().collect();
    let number = text
        .parse()
        .map_err(|_| format!("unexpected `{text}` at column {column}"))?;
    Ok((Token::Number(number), length))
}

fn quoted(rest: &[char], quote: char, column: usize) -> Result<(Token, usize), String> {
    let mut text = String::new();
    let mut at = 1;
    while let Some(&character) = rest.get(at) {
        if character == quote {
            let token = if quote == '`' {
                Token::Operator(text)
            } else {
                Token::Name(text)
            };
            return Ok((token, at + 1));
        }
        if character == '\\' {
            at += 1;
        }
        text.extend(rest.get(at));
        at += 1;
    }
    Err(format!(
        "the text that begins at column {column} has no closing `{quote}`"
    ))
}
