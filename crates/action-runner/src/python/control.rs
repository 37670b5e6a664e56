//! The socket to a warm parent: packets with descriptors.

use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, recv, sendmsg, socketpair,
};
use tokio::io::Interest;
use tokio::net::UnixStream;

/// Our end of it. Its packets keep their bounds, whatever the type says.
#[derive(Debug)]
pub(super) struct Control(UnixStream);

impl Control {
    /// Our end and the other, which blocks.
    pub(super) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = socketpair(
            AddressFamily::Unix,
            SockType::SeqPacket,
            None,
            SockFlag::SOCK_CLOEXEC,
        )?;
        fcntl(&ours, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        let ours = UnixStream::from_std(ours.into())?;
        Ok((Self(ours), theirs))
    }

    /// Sends one packet, with these descriptors.
    pub(super) async fn send(
        &self,
        packet: &[u8],
        descriptors: &[BorrowedFd<'_>],
    ) -> io::Result<()> {
        let raw: Vec<RawFd> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
        let send = || {
            let (slices, rights) = ([IoSlice::new(packet)], [ControlMessage::ScmRights(&raw)]);
            sendmsg::<()>(
                self.0.as_raw_fd(),
                &slices,
                &rights,
                MsgFlags::MSG_NOSIGNAL,
                None,
            )?;
            Ok(())
        };
        self.0.async_io(Interest::WRITABLE, send).await
    }

    /// Receives one packet; an empty one when the other end is closed.
    pub(super) async fn receive(&self) -> io::Result<Vec<u8>> {
        let receive = || {
            let mut packet = vec![0; 256];
            let length = recv(self.0.as_raw_fd(), &mut packet, MsgFlags::empty())?;
            packet.truncate(length);
            Ok(packet)
        };
        self.0.async_io(Interest::READABLE, receive).await
    }
}
