//! Turns bytes into choices, so that a fuzzer that changes bytes changes what is asked.

/// What is left of the bytes. Where they end, every choice is the first one.
pub struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    /// The choices that lie in `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// One byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `end`, which is at least 1.
    pub fn below(&mut self, end: usize) -> usize {
        let number = u16::from_le_bytes([self.byte(), self.byte()]);
        usize::from(number) % end.max(1)
    }

    /// One of several.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn one_of<T: Copy>(&mut self, several: &[T]) -> T {
        several[self.below(several.len())]
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: u8) -> bool {
        self.byte() % n == n - 1
    }

    /// So many bytes.
    #[must_use]
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        core::array::from_fn(|_| self.byte())
    }

    /// A number of any size, small ones and the edges more often.
    pub fn number(&mut self) -> u64 {
        match self.byte() % 8 {
            0..4 => u64::from(self.byte()),
            4 => u64::from_le_bytes(self.array()),
            5 => (1 << 53) - 1 + u64::from(self.byte() % 3),
            6 => u64::MAX - u64::from(self.byte() % 3),
            _ => u64::from(u16::from_le_bytes(self.array())),
        }
    }

    /// All that is left, as text.
    #[must_use]
    pub fn rest_as_text(&self) -> String {
        String::from_utf8_lossy(self.0).into_owned()
    }

    /// Text of up to `longest` characters out of `alphabet`.
    pub fn text(&mut self, alphabet: &[char], longest: usize) -> String {
        let n_characters = self.below(longest + 1);
        (0..n_characters).map(|_| self.one_of(alphabet)).collect()
    }
}

/// The bytes that stand for a number: the same number always gives the same case.
#[must_use]
pub fn bytes_of(seed: u64, n_bytes: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed);
    std::iter::repeat_with(|| random.u8(..)).take(n_bytes).collect()
}
