//! Randomness is an argument, like time.

/// A source of random bytes. The real one is in the composition root.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with cryptographically secure random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// `bytes` random bytes as hexadecimal digits.
    pub fn hex(&self, bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        self.fill(&mut buffer);
        hex::encode(buffer)
    }

    /// A number in 0..1.
    pub fn unit(&self) -> f64 {
        let mut buffer = [0; 4];
        self.fill(&mut buffer);
        f64::from(u32::from_le_bytes(buffer)) / 4_294_967_296.0
    }
}
