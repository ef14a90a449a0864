//! Knows how reading and writing on a stream moves the phase of its connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::progress::{Phase, Progress};

/// How much is thrown away by one read while lingering.
const DISCARD_CHUNK: usize = 16 * 1024;

/// A stream that reports to its [`Progress`] and closes without losing the last answer.
pub(super) struct Watched<T> {
    inner: T,
    progress: Arc<Progress>,
    may_discard: u64,
    end_sent: bool,
}

impl<T> Watched<T> {
    pub(super) fn new(inner: T, progress: Arc<Progress>, linger_bytes: u64) -> Self {
        Self { inner, progress, may_discard: linger_bytes, end_sent: false }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Watched<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            self.progress.received();
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.progress.write_blocked(result.is_pending());
        result
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.progress.write_blocked(result.is_pending());
        result
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.inner).poll_flush(cx);
        // A TLS stream writes here what it could not write before.
        if result.is_pending() {
            self.progress.write_blocked(true);
        }
        result
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.end_sent {
            ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
            self.end_sent = true;
            if !self.progress.client_may_be_sending() {
                return Poll::Ready(Ok(()));
            }
            self.progress.enter(Phase::Lingering);
        }
        // The kernel answers bytes that nobody reads with a reset, and a reset makes the
        // client's kernel forget the answer that it has not handed over yet.
        let mut bytes = [0; DISCARD_CHUNK];
        loop {
            let mut buf = ReadBuf::new(&mut bytes);
            let read = ready!(Pin::new(&mut self.inner).poll_read(cx, &mut buf));
            let n_bytes = buf.filled().len() as u64;
            if read.is_err() || n_bytes == 0 || n_bytes >= self.may_discard {
                return Poll::Ready(Ok(()));
            }
            self.may_discard -= n_bytes;
        }
    }
}
