//! Explanations for people.

use std::fmt::{self, Display, Formatter};

use serde_json::Value;

use super::{CriterionExplanation, CriterionVerdict, Explanation, ParameterExplanation};

/// Values longer than this are cut.
const MOST: usize = 160;

impl Display for Explanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let verdict = if self.fires { "fires" } else { "does not fire" };
        writeln!(f, "{} {verdict}: {}", self.rule, self.reason)?;
        writeln!(f, "\ntrigger {}", self.trigger)?;
        for criterion in &self.criteria {
            criterion.write(f, 1)?;
        }
        writeln!(f, "\naction {}", self.action.action_ref)?;
        self.action
            .parameters
            .iter()
            .try_for_each(|parameter| write!(f, "{parameter}"))
    }
}

impl CriterionExplanation {
    fn write(&self, f: &mut Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = "  ".repeat(depth);
        let mark = match self.verdict {
            CriterionVerdict::Matched => "yes  ",
            CriterionVerdict::NotMatched => "no   ",
            CriterionVerdict::Error => "error",
        };
        let operator = self.operator.as_deref().unwrap_or("(no type)");
        writeln!(
            f,
            "{indent}{mark}  {} {operator} {}",
            self.path,
            shown(&self.pattern)
        )?;
        let detail = format!("{indent}         ");
        if let Some(rendered) = &self.rendered {
            writeln!(f, "{detail}rendered: {}", shown(rendered))?;
        }
        writeln!(f, "{detail}value: {}", shown(&self.value))?;
        if let Some(reason) = self.caret.as_ref().or(self.reason.as_ref()) {
            write_lines(f, &detail, "reason", reason)?;
        }
        for (number, item) in self.items.iter().enumerate() {
            writeln!(f, "{detail}item {number}:")?;
            item.iter()
                .try_for_each(|criterion| criterion.write(f, depth + 6))?;
        }
        Ok(())
    }
}

impl Display for ParameterExplanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (&self.rendered, &self.error) {
            (Some(rendered), _) => writeln!(f, "  {} = {}", self.name, shown(rendered)),
            (None, error) => {
                writeln!(f, "  {} = {}", self.name, shown(&self.written))?;
                let error = self.caret.as_ref().or(error.as_ref());
                let error = error.map_or("it cannot be rendered", String::as_str);
                write_lines(f, "    ", "error", error)
            }
        }
    }
}

/// A text that may have several lines, each behind `indent`.
fn write_lines(f: &mut Formatter<'_>, indent: &str, name: &str, text: &str) -> fmt::Result {
    let mut lines = text.lines();
    writeln!(f, "{indent}{name}: {}", lines.next().unwrap_or_default())?;
    lines.try_for_each(|line| writeln!(f, "{indent}{line}"))
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}... ({} characters)", &text[..end], text.chars().count()),
        None => text,
    }
}
