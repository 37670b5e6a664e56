//! The harness's own servers start, survive what stories do to them, and leave nothing behind.

use std::net::TcpStream;
use std::time::Instant;

use stories::servers::{Postgres, RabbitMq};

fn is_open(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[test]
fn postgres_is_there_after_restart_and_crash_and_gone_when_dropped() {
    let start = Instant::now();
    let mut postgres = Postgres::start().unwrap();
    eprintln!("postgres started in {:?}", start.elapsed());
    let port = postgres.port();

    postgres.restart().unwrap();
    postgres.kill9().unwrap();
    assert!(!is_open(port));
    postgres.run().unwrap();

    let one = postgres.fresh_database().unwrap();
    assert_ne!(one, postgres.fresh_database().unwrap());
    drop(postgres);
    assert!(!is_open(port));
}

#[test]
fn rabbitmq_is_there_after_restart_and_crash_and_gone_when_dropped() {
    let start = Instant::now();
    let mut rabbit = RabbitMq::start().unwrap();
    eprintln!("rabbitmq started in {:?}", start.elapsed());
    let port = rabbit.port();

    rabbit.restart().unwrap();
    rabbit.kill9().unwrap();
    assert!(!is_open(port));
    rabbit.run().unwrap();

    assert!(is_open(port));
    drop(rabbit);
    assert!(!is_open(port));
}
