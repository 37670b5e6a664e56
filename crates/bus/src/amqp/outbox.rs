//! What waits to be sent: bounded by number and by bytes, so that a broker that is away costs memory only so far.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// How many letters wait.
const LETTERS: usize = 10_000;
/// How large a message of several pieces of news becomes.
const TOGETHER: usize = 256 * 1024;
/// What a letter may weigh. RabbitMQ closes the channel over a message that is too large for it (16 MiB, unless it is
/// told otherwise); sent again for ever, such a letter would hold up all that come after it.
pub(crate) const HEAVIEST: usize = 12 * 1024 * 1024;
/// How many bytes wait.
const BYTES: usize = 64 * 1024 * 1024;

/// Where a letter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address {
    /// To one worker of a topic.
    Work(&'static str),
    /// To those who listen.
    News(Audience),
}

/// Who hears a piece of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Every process that listens at all.
    Everybody,
    /// Processes with streams that show the engine's doings.
    Streams,
}

impl Audience {
    /// The routing key of its news.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::Streams => "streams",
        }
    }
}

/// A message, ready to be sent.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) address: Address,
    /// Pieces of news are lines: those that wait together travel together.
    pub(crate) body: Vec<u8>,
    /// How many letters went into it.
    pub(crate) count: u64,
}

impl Letter {
    pub(crate) fn work(topic: &'static str, body: Vec<u8>) -> Self {
        Self {
            address: Address::Work(topic),
            body,
            count: 1,
        }
    }

    pub(crate) fn news(audience: Audience, body: Vec<u8>) -> Self {
        Self {
            address: Address::News(audience),
            body,
            count: 1,
        }
    }

    /// The bytes of what went into it, without the line ends between.
    fn weight(&self) -> usize {
        let ends = usize::try_from(self.count.saturating_sub(1)).unwrap_or(0);
        self.body.len().saturating_sub(ends)
    }

    /// Adds what is to travel in the same message.
    fn take_along(&mut self, next: &Self) {
        self.body.push(b'\n');
        self.body.extend_from_slice(&next.body);
        self.count += next.count;
    }

    /// Whether `next` may travel in the same message.
    fn can_take_along(&self, next: &Self) -> bool {
        matches!(self.address, Address::News(_))
            && self.address == next.address
            && self.body.len() + next.body.len() < TOGETHER
    }
}

/// Letters wait here in order. Many put them in, one [`publisher`](super::publisher) takes them out.
#[derive(Debug)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    arrived: Notify,
    closed: CancellationToken,
    /// How many letters of all that were ever put in are dealt with. They are so in order.
    settled: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Queue {
    letters: VecDeque<Letter>,
    bytes: usize,
    accepted: u64,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            queue: Mutex::default(),
            arrived: Notify::new(),
            closed: CancellationToken::new(),
            settled: watch::Sender::new(0),
        }
    }
}

impl Outbox {
    /// False where there is no room, and for a letter that is too heavy. What only streams show leaves half of the room
    /// to others.
    pub(crate) fn put(&self, letter: Letter) -> bool {
        let mut queue = self.lock();
        let share = if letter.address == Address::News(Audience::Streams) {
            2
        } else {
            1
        };
        let fits = queue.letters.len() < LETTERS / share
            && letter.body.len() <= HEAVIEST
            && queue.bytes + letter.body.len() <= BYTES / share;
        if self.closed.is_cancelled() || !fits {
            return false;
        }
        queue.accepted += 1;
        queue.bytes += letter.body.len();
        match queue.letters.back_mut() {
            Some(last) if last.can_take_along(&letter) => last.take_along(&letter),
            _ => queue.letters.push_back(letter),
        }
        drop(queue);
        self.arrived.notify_one();
        true
    }

    /// The next letter; `None` when it is closed and empty.
    pub(crate) async fn take(&self) -> Option<Letter> {
        loop {
            let arrived = self.arrived.notified();
            if let Some(letter) = self.try_take() {
                return Some(letter);
            }
            tokio::select! {
                biased;
                () = arrived => {}
                () = self.closed.cancelled() => return self.try_take(),
            }
        }
    }

    fn try_take(&self) -> Option<Letter> {
        let mut queue = self.lock();
        let mut letter = queue.letters.pop_front()?;
        queue.bytes -= letter.weight();
        while let Some(next) = queue
            .letters
            .pop_front_if(|next| letter.can_take_along(next))
        {
            queue.bytes -= next.weight();
            letter.take_along(&next);
        }
        Some(letter)
    }

    /// Counts letters as dealt with: confirmed or given up.
    pub(crate) fn settle(&self, letters: u64) {
        self.settled.send_modify(|settled| *settled += letters);
    }

    /// Waits until all letters that were put in before are dealt with.
    pub(crate) async fn flush(&self) {
        let accepted = self.lock().accepted;
        let mut settled = self.settled.subscribe();
        // The sender lives as long as `self`.
        let _settled = settled.wait_for(|settled| *settled >= accepted).await;
    }

    /// Takes nothing more; what is in it is still sent.
    pub(crate) fn close(&self) {
        // Under the lock, so that nothing comes in after the last look at an empty queue.
        let _queue = self.lock();
        self.closed.cancel();
    }

    /// Resolves when `close` was called.
    pub(crate) async fn closed(&self) {
        self.closed.cancelled().await;
    }

    /// Throws away what waits; how many letters that were.
    pub(crate) fn give_up(&self) -> u64 {
        let mut queue = self.lock();
        queue.bytes = 0;
        let letters = std::mem::take(&mut queue.letters);
        let letters = letters.iter().map(|letter| letter.count).sum();
        drop(queue);
        self.settle(letters);
        letters
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn letter(bytes: usize) -> Letter {
        Letter::work("events", vec![b'x'; bytes])
    }

    #[test]
    fn takes_a_bounded_number_of_letters() {
        let outbox = Outbox::default();

        let taken = (0..LETTERS + 5).filter(|_| outbox.put(letter(1))).count();

        assert_eq!(taken, LETTERS);
    }

    #[test]
    fn takes_a_bounded_number_of_bytes() {
        let outbox = Outbox::default();

        while outbox.put(letter(HEAVIEST)) {}
        let room = BYTES % HEAVIEST;
        assert!(outbox.put(letter(room - 10)));
        assert!(!outbox.put(letter(11)));
        assert!(outbox.put(letter(10)));
        outbox.take().now_or_never().unwrap().unwrap();
        assert!(outbox.put(letter(11)));
    }

    #[test]
    fn what_streams_show_leaves_half_of_the_room_to_others() {
        let outbox = Outbox::default();
        let shown = || Letter::news(Audience::Streams, vec![b'x'; TOGETHER]);

        while outbox.put(shown()) {}

        let half = BYTES / TOGETHER / 2;
        let work = (0..2 * half)
            .filter(|_| outbox.put(letter(TOGETHER)))
            .count();
        assert_eq!(work, half);
    }

    #[test]
    fn much_small_news_takes_the_room_of_few_letters() {
        let outbox = Outbox::default();
        for _ in 0..3 * LETTERS {
            assert!(outbox.put(Letter::news(Audience::Streams, b"{}".to_vec())));
        }

        assert!(outbox.put(letter(1)));
        let first = outbox.take().now_or_never().unwrap().unwrap();
        assert_eq!(first.count, 3 * LETTERS as u64);
        assert_eq!(outbox.lock().bytes, 1);
    }

    #[test]
    fn takes_no_letter_that_a_broker_would_refuse_for_ever() {
        let outbox = Outbox::default();

        assert!(!outbox.put(letter(HEAVIEST + 1)));
        assert!(outbox.put(letter(1)));
    }

    #[test]
    fn flush_waits_for_what_was_put_in_before() {
        let outbox = Outbox::default();
        outbox.put(letter(1));
        outbox.put(letter(1));
        let mut flush = Box::pin(outbox.flush());

        assert!((&mut flush).now_or_never().is_none());
        outbox.put(letter(1));
        outbox.settle(1);
        assert!((&mut flush).now_or_never().is_none());
        outbox.settle(1);

        assert!((&mut flush).now_or_never().is_some());
    }

    #[test]
    fn sends_news_that_wait_together_as_lines_of_one_message() {
        let outbox = Outbox::default();
        outbox.put(Letter::news(Audience::Streams, b"1".to_vec()));
        outbox.put(Letter::news(Audience::Streams, b"2".to_vec()));
        outbox.put(Letter::news(Audience::Everybody, b"3".to_vec()));

        let first = outbox.take().now_or_never().unwrap().unwrap();
        let second = outbox.take().now_or_never().unwrap().unwrap();

        assert_eq!(
            (first.body.as_slice(), first.count),
            (b"1\n2".as_slice(), 2)
        );
        assert_eq!((second.body.as_slice(), second.count), (b"3".as_slice(), 1));
    }

    #[test]
    fn gives_what_is_left_after_it_was_closed() {
        let outbox = Outbox::default();
        outbox.put(letter(7));

        outbox.close();

        assert!(!outbox.put(letter(1)));
        assert_eq!(outbox.take().now_or_never().unwrap().unwrap().body.len(), 7);
        assert!(outbox.take().now_or_never().unwrap().is_none());
    }
}
