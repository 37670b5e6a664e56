//! `lipsum`: filler text, of the shape of Jinja2's, with words of our own.

use pyvalue::Value;

use crate::objects::Markup;
use crate::{Call, Error, Function, Run, methods};

const WORDS: &[&str] = &[
    "acta",
    "ager",
    "alveus",
    "amnis",
    "aqua",
    "arbor",
    "astra",
    "aura",
    "avis",
    "caelum",
    "campus",
    "cantus",
    "collis",
    "cursus",
    "domus",
    "fluctus",
    "folium",
    "fons",
    "forma",
    "glacies",
    "herba",
    "hiems",
    "hortus",
    "ignis",
    "imber",
    "insula",
    "iter",
    "lacus",
    "lapis",
    "litus",
    "lumen",
    "luna",
    "mare",
    "mons",
    "nauta",
    "navis",
    "nix",
    "nox",
    "nubes",
    "oceanus",
    "ora",
    "pelagus",
    "penna",
    "portus",
    "procella",
    "pluma",
    "ripa",
    "rivus",
    "ros",
    "saxum",
    "semita",
    "silva",
    "sol",
    "spuma",
    "stella",
    "tempestas",
    "terra",
    "umbra",
    "unda",
    "vallis",
    "velum",
    "ventus",
    "via",
    "volatus",
];

pub(super) fn lipsum() -> Value {
    Function::new("lipsum", paragraphs)
        .optional("n", 5)
        .optional("html", true)
        .optional("min", 20)
        .optional("max", 100)
        .into()
}

fn paragraphs(call: &Call<'_>) -> Result<Value, Error> {
    let count = methods::integer(call, 0)?;
    let is_html = call.is_true(1)?;
    let mut texts = Vec::new();
    for _ in 0..count {
        let (min, max) = (methods::integer(call, 2)?, methods::integer(call, 3)?);
        if max <= min {
            return Err(pyvalue::Error::value_error(format!(
                "`lipsum` needs a `max` above `min`: {min} and {max} leave nothing"
            ))
            .into());
        }
        let length = min.saturating_add(below(max.abs_diff(min), call.run()));
        texts.push(paragraph(length, call.run())?);
    }
    if !is_html {
        return Ok(texts.join("\n\n").into());
    }
    let texts: Vec<String> = texts.iter().map(|text| format!("<p>{text}</p>")).collect();
    Ok(Markup::value(texts.join("\n")))
}

fn below(end: u64, run: &Run<'_>) -> i64 {
    i64::try_from(run.random_below(end)).unwrap_or(0)
}

/// Sentences: they begin with a capital, have commas in between and end with a full stop.
fn paragraph(length: i64, run: &Run<'_>) -> Result<String, Error> {
    let mut text = String::new();
    let mut last_word = usize::MAX;
    let (mut last_comma, mut last_stop) = (0, 0);
    let mut begins = true;
    for at in 0..length {
        run.budget().step()?;
        run.budget().charge(16)?;
        let mut word = usize::try_from(below(WORDS.len() as u64 - 1, run)).unwrap_or(0);
        word += usize::from(word >= last_word);
        last_word = word;
        if at > 0 {
            text.push(' ');
        }
        let word = WORDS[word];
        if std::mem::take(&mut begins) {
            text.push_str(&pyvalue::text::capitalize(word));
        } else {
            text.push_str(word);
        }
        if at - (3 + below(5, run)) > last_comma {
            last_comma = at;
            last_stop += 2;
            text.push(',');
        }
        if at - (10 + below(10, run)) > last_stop {
            (last_comma, last_stop) = (at, at);
            text.push('.');
            begins = true;
        }
    }
    if text.ends_with(',') {
        text.pop();
    }
    if !text.ends_with('.') {
        text.push('.');
    }
    Ok(text)
}
