//! The API's metrics.

use std::time::Duration;

use http::Method;
use metrics::{counter, describe_counter, describe_histogram, histogram};

const REQUESTS: &str = "petrel_http_requests_total";
const DURATION: &str = "petrel_http_request_duration_seconds";

/// Tells the recorder what the API's metrics mean, and makes them appear at zero. Call it once the recorder is set.
pub fn describe() {
    describe_counter!(
        REQUESTS,
        "HTTP requests answered, by method and class of status"
    );
    describe_histogram!(DURATION, "Seconds until the head of an answer");
    for method in ["GET", "POST", "PUT", "DELETE"] {
        for class in ["2xx", "4xx", "5xx"] {
            counter!(REQUESTS, "method" => method, "status" => class).absolute(0);
        }
    }
}

pub(crate) fn observe_request(method: &Method, status: u16, duration: Duration) {
    counter!(REQUESTS, "method" => name(method), "status" => class(status)).increment(1);
    histogram!(DURATION, "method" => name(method)).record(duration.as_secs_f64());
}

/// A bounded number of labels, whatever clients send.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
