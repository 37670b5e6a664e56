//! The runner `http-request`, as st2's `http_runner` package.

mod clients;
mod headers;
mod literal;
mod request;
mod response;

use std::time::Duration;

use model::ExecutionStatus;
use serde_json::json;

pub(crate) use clients::HttpClients;
use request::{Body, HttpRequest};

use crate::held::{Signal, interrupted};
use crate::run::{Assignment, Ended, Failure, chain};

/// Sends the request and gives back status, headers and body.
pub(crate) async fn run(
    assignment: &Assignment<'_>,
    signal: &mut Signal,
) -> Result<Ended, Failure> {
    let request = request::read(
        &assignment.parameters,
        assignment.snapshot.action.name.as_str(),
    )
    .map_err(|error| Failure::of(&error))?;
    let limit = assignment.options.max_result;
    tokio::select! {
        told = tokio::time::timeout(request.timeout, exchange(assignment.http, &request, limit)) => match told {
            Ok(ended) => ended,
            Err(_) => Ok(timed_out(request.timeout, &request.url)),
        },
        _ = interrupted(signal) => Ok(Ended::Interrupted(json!({}))),
    }
}

async fn exchange(
    clients: &HttpClients,
    request: &HttpRequest,
    limit: usize,
) -> Result<Ended, Failure> {
    let client = clients
        .client(&request.connection)
        .map_err(|error| failed(&error))?;
    let mut builder = client
        .request(request.method.clone(), request.url.clone())
        .headers(request.headers.clone());
    if let Some((user, password)) = &request.credentials {
        builder = builder.basic_auth(user, Some(password));
    }
    builder = match &request.body {
        Body::None => builder,
        Body::Bytes(bytes) => builder.body(bytes.clone()),
        Body::Form(fields) => builder.form(fields),
    };
    let answer = match builder.send().await {
        Ok(answer) => answer,
        Err(error) if error.is_timeout() => return Ok(timed_out(request.timeout, &request.url)),
        Err(error) => return Err(failed(&error)),
    };
    let status = answer.status().as_u16();
    let result = response::read(answer, limit)
        .await
        .map_err(|error| Failure::of(&error))?;
    Ok(Ended::Told(verdict(status), result))
}

/// st2 takes 200 to 206 for success and everything else for failure.
fn verdict(status: u16) -> ExecutionStatus {
    if (200..=206).contains(&status) {
        ExecutionStatus::Succeeded
    } else {
        ExecutionStatus::Failed
    }
}

fn timed_out(after: Duration, url: &reqwest::Url) -> Ended {
    let host = url.host_str().unwrap_or_default();
    let error = format!(
        "the request to `{host}` timed out: no answer within {} seconds",
        after.as_secs_f64()
    );
    Ended::Told(ExecutionStatus::TimedOut, json!({ "error": error }))
}

/// A connection's failure, without the URL's credentials.
fn failed(error: &reqwest::Error) -> Failure {
    let url = error
        .url()
        .map(|url| format!(" to `{}`", url.host_str().unwrap_or_default()))
        .unwrap_or_default();
    let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), chain);
    Failure::new(format!("the request{url} failed: {cause}"))
}

#[cfg(test)]
mod tests;
