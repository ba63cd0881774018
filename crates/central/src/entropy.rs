//! Randomness comes in as an argument, like time.

/// Gives random bytes. The real source lives in the composition root.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with bytes nobody can guess.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Entropy + '_ {
    /// `bytes` random bytes in hexadecimal.
    pub fn hex(&self, bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        self.fill(&mut buffer);
        hex::encode(buffer)
    }

    /// A number from 0 up to, but not including, 1.
    pub fn unit(&self) -> f64 {
        let mut buffer = [0; 4];
        self.fill(&mut buffer);
        f64::from(u32::from_le_bytes(buffer)) / 4_294_967_296.0
    }
}
