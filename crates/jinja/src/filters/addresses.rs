//! Which words are addresses of the web or of mail, as Jinja2 tells them.

use pyvalue::text;

use super::words::is_word;

/// Domains that make an address without a scheme.
const KNOWN: [&str; 8] = ["com", "net", "int", "edu", "gov", "org", "info", "mil"];

/// A name with a scheme or `www.`, one under the oldest top-level domains, or an IP address with a scheme; then perhaps
/// a port and a path.
pub(super) fn is_web(word: &str) -> bool {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find_map(|scheme| without_prefix(word, scheme));
    let named = scheme.or_else(|| without_prefix(word, "www."));
    named.and_then(host).is_some_and(is_name)
        || scheme.and_then(host).is_some_and(is_ip)
        || host(word).is_some_and(is_known_name)
}

/// Something, an `@`, and a name with a dot.
pub(super) fn is_mail(word: &str) -> bool {
    let Some((local, domain)) = word.rsplit_once('@') else {
        return false;
    };
    let Some((_, last)) = domain.rsplit_once('.') else {
        return false;
    };
    !local.is_empty()
        && domain.starts_with(is_word)
        && domain.chars().all(|c| is_word(c) || matches!(c, '.' | '-'))
        && is_word_text(last)
}

fn without_prefix<'w>(word: &'w str, prefix: &str) -> Option<&'w str> {
    let start = word.get(..prefix.len())?;
    start
        .eq_ignore_ascii_case(prefix)
        .then(|| &word[prefix.len()..])
}

/// What stands before the port and the path; none where the port is not one.
fn host(rest: &str) -> Option<&str> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let port_from = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    let (host, port) = authority.split_at(port_from);
    let is_port = match port.strip_prefix(':') {
        Some(digits) => text::is_decimal(digits) && text::length(digits) <= 5,
        None => port.is_empty(),
    };
    is_port.then_some(host)
}

fn is_word_text(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_word)
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && label.chars().all(|c| is_word(c) || matches!(c, '%' | '-'))
}

/// Any labels, and a top-level domain of letters or in the coding of international names.
fn is_name(host: &str) -> bool {
    let (labels, last) = match host.rsplit_once('.') {
        Some((labels, last)) => (Some(labels), last),
        None => (None, host),
    };
    let is_top = match without_prefix(last, "xn--") {
        Some(coded) => {
            (2..=59).contains(&text::length(coded)) && coded.chars().all(|c| is_word(c) || c == '%')
        }
        None => {
            (2..=63).contains(&last.len()) && last.bytes().all(|byte| byte.is_ascii_alphabetic())
        }
    };
    is_top && labels.is_none_or(|labels| labels.split('.').all(is_label))
}

fn is_known_name(host: &str) -> bool {
    let Some((labels, last)) = host.rsplit_once('.') else {
        return false;
    };
    KNOWN.iter().any(|known| last.eq_ignore_ascii_case(known))
        && labels
            .split('.')
            .all(|label| is_label(label) && (2..=63).contains(&text::length(label)))
}

fn is_ip(host: &str) -> bool {
    let groups = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    if let Some(groups) = groups {
        return is_ip6(groups);
    }
    let parts: Vec<&str> = host.split('.').collect();
    parts.len() == 4
        && parts
            .iter()
            .all(|part| text::is_decimal(part) && text::length(part) <= 3)
}

/// At least two colons; up to four digits before each of the first two, and up to six groups of four after them.
fn is_ip6(groups: &str) -> bool {
    let mut parts = groups.split(':');
    let is_hex = |part: &str| {
        part.chars()
            .all(|c| c.is_ascii_hexdigit() || text::is_decimal(c.encode_utf8(&mut [0; 4])))
    };
    let mut first = || {
        parts
            .next()
            .is_some_and(|part| is_hex(part) && text::length(part) <= 4)
    };
    if !(first() && first()) {
        return false;
    }
    let rest: Vec<&str> = parts.collect();
    let Some((last, closed)) = rest.split_last() else {
        return false;
    };
    let of_closed: usize = closed
        .iter()
        .map(|part| text::length(part).div_ceil(4).max(1))
        .sum();
    rest.iter().all(|part| is_hex(part)) && of_closed + text::length(last).div_ceil(4) <= 6
}
