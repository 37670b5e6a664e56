//! Following the output of an execution.

use futures::StreamExt;
use reqwest::Response;
use serde_json::Value;

use super::http::{Client, ClientError, Query, segment};
use super::output::{print_raw, text_at};
use super::sse::{Event, EventReader};
use super::wait;

/// The name of the event that carries output.
const OUTPUT: &str = "st2.execution.output__create";
/// The name of the event that ends the stream.
const END: &str = "EOF";

/// Prints what the execution has written and goes on writing, until it has ended. Returns it then.
///
/// Reads the stream service's events; a server that has none there is asked for the plain text instead.
pub(crate) async fn follow(
    client: &Client,
    id: &str,
    output_type: Option<&str>,
) -> anyhow::Result<Value> {
    let path = format!("/v1/executions/{}/output", segment(id));
    let mut query = Query::new();
    super::http::add(&mut query, "output_type", output_type);
    let response = match client.stream(&path, &query).await? {
        Some(response) => response,
        None => client.open(&path, &query).await?,
    };
    if is_event_stream(&response) {
        print_events(response, output_type).await?;
    } else {
        print_text(response).await?;
    }
    Ok(wait::until_final(client, id).await?)
}

fn is_event_stream(response: &Response) -> bool {
    let kind = response
        .headers()
        .get("content-type")
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/event-stream"))
}

async fn print_events(response: Response, output_type: Option<&str>) -> anyhow::Result<()> {
    let mut reader = EventReader::default();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        for event in reader.push(&chunk.map_err(broken)?) {
            if event.name == END {
                return Ok(());
            }
            if let Some(text) = output_of(&event, output_type) {
                print_raw(&text)?;
            }
        }
    }
    Ok(())
}

async fn print_text(response: Response) -> anyhow::Result<()> {
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        print_raw(&String::from_utf8_lossy(&chunk.map_err(broken)?))?;
    }
    Ok(())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is used as `map_err(broken)`"
)]
fn broken(error: reqwest::Error) -> ClientError {
    let url = error.url().map(ToString::to_string).unwrap_or_default();
    ClientError::Broken {
        url,
        reason: "the stream broke off".to_owned(),
    }
}

/// The output that an event carries, if it is of the wanted kind.
fn output_of(event: &Event, output_type: Option<&str>) -> Option<String> {
    if event.name != OUTPUT {
        return None;
    }
    let value: Value = serde_json::from_str(&event.data).ok()?;
    let is_wanted = output_type.is_none_or(|wanted| text_at(&value, "output_type") == wanted);
    is_wanted.then(|| text_at(&value, "data").to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn output(kind: &str, data: &str) -> Event {
        Event {
            name: OUTPUT.to_owned(),
            data: json!({ "output_type": kind, "data": data }).to_string(),
        }
    }

    #[test]
    fn takes_output_of_the_wanted_kind() {
        assert_eq!(output_of(&output("stdout", "hi\n"), None).unwrap(), "hi\n");
        assert_eq!(
            output_of(&output("stderr", "oh\n"), Some("stderr")).unwrap(),
            "oh\n"
        );
        assert_eq!(output_of(&output("stdout", "hi\n"), Some("stderr")), None);
    }

    #[test]
    fn passes_over_other_events() {
        let event = Event {
            name: "st2.execution__update".to_owned(),
            data: "{}".to_owned(),
        };

        assert_eq!(output_of(&event, None), None);
    }
}
