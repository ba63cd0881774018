//! Passwords: how long they are, and their argon2id hashes.
//!
//! Length is all that is asked, with what guessers try first left out, as `zxcvbn` estimates it: rules about kinds of letters
//! make passwords worse (NIST SP 800-63B, 3.1.1.2).

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;
use vyveska_board::fold::fold;
use zxcvbn::{Score, zxcvbn};

use crate::entropy::Entropy;

/// How many letters a password has.
pub const LENGTH: std::ops::RangeInclusive<usize> = 12..=200;

/// How many letters at its beginning have to be hard to guess: estimating more takes too long.
const ESTIMATED: usize = 40;

/// How many are hashed at once: each takes 19 MiB and a core for as long.
const AT_ONCE: usize = 2;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    #[error("the password is too short")]
    TooShort,
    #[error("the password is too long")]
    TooLong,
    /// A common one, a simple pattern, or made of the person's own name or address.
    #[error("the password is easily guessed")]
    Guessable,
}

fn check(password: &str, email: &str, name: &str) -> Result<(), WeakPassword> {
    let letters = password.chars().count();
    if letters < *LENGTH.start() {
        return Err(WeakPassword::TooShort);
    }
    if letters > *LENGTH.end() {
        return Err(WeakPassword::TooLong);
    }
    let mailbox = email.split('@').next().unwrap_or_default();
    let own = [email, mailbox, name].map(str::to_lowercase);
    let folded = own.each_ref().map(|text| fold(text));
    let own = || own.iter().chain(&folded).map(String::as_str);
    let words = own().flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()));
    let known: Vec<&str> = own().chain(words).collect();
    let first: String = password.chars().take(ESTIMATED).collect();
    if zxcvbn(&first, &known).score() < Score::Three {
        return Err(WeakPassword::Guessable);
    }
    Ok(())
}

/// Judges, hashes and verifies passwords, a few at once.
pub struct Passwords(Semaphore);

impl Default for Passwords {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

impl Passwords {
    /// Returns a password that is good for whoever has this address and name.
    ///
    /// # Errors
    ///
    /// When it is not taken.
    pub async fn check(
        &self,
        password: SecretString,
        email: &str,
        name: &str,
    ) -> Result<SecretString, WeakPassword> {
        let (email, name) = (email.to_owned(), name.to_owned());
        self.alone(move || check(password.expose_secret(), &email, &name).map(|()| password))
            .await
    }

    /// Hashes a password as a PHC string.
    pub async fn hash(&self, password: SecretString, entropy: &dyn Entropy) -> String {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        self.alone(move || hash(password.expose_secret(), &salt))
            .await
    }

    /// Whether a password is that of a hash. Where there is none, as of an unknown address, it takes as long to say no.
    pub async fn verify(&self, password: SecretString, stored: Option<String>) -> bool {
        self.alone(move || {
            let is_known = stored.is_some();
            let stored = stored.unwrap_or_else(|| NOBODYS.to_owned());
            let Ok(stored) = PasswordHash::new(&stored) else {
                return false;
            };
            let password = password.expose_secret().as_bytes();
            Argon2::default().verify_password(password, &stored).is_ok() && is_known
        })
        .await
    }

    async fn alone<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _permit = self.0.acquire().await.expect("it is never closed");
        let done = tokio::task::spawn_blocking(work).await;
        done.expect("hashing does not panic")
    }
}

/// A hash with the parameters of [`hash`] that belongs to no password.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdCEhIQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn hash(password: &str, salt: &[u8; 16]) -> String {
    let salt = SaltString::encode_b64(salt).expect("sixteen bytes are a salt");
    let hashed = Argon2::default().hash_password(password.as_bytes(), &salt);
    hashed.expect("of any bytes").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    #[test]
    fn length_counts_and_the_obvious_does_not() {
        let check =
            |password: &str| check(password, "eva.novakova@lipnice.example", "Eva Nováková");
        for (password, expected) in [
            ("", Err(WeakPassword::TooShort)),
            ("Krátké1!", Err(WeakPassword::TooShort)),
            ("aaaaaaaaaaaaaaaa", Err(WeakPassword::Guessable)),
            ("121212121212", Err(WeakPassword::Guessable)),
            ("eva.novakova@lipnice.example", Err(WeakPassword::Guessable)),
            ("Eva.Novakova1", Err(WeakPassword::Guessable)),
            ("eva nováková1", Err(WeakPassword::Guessable)),
            ("Novakova1984", Err(WeakPassword::Guessable)),
            ("Lipnice2026!", Err(WeakPassword::Guessable)),
            ("Password123!", Err(WeakPassword::Guessable)),
            ("qwertzuiopas", Err(WeakPassword::Guessable)),
            ("1q2w3e4r5t6z", Err(WeakPassword::Guessable)),
            ("lípa most sova", Ok(())),
            ("žluťoučký kůň", Ok(())),
        ] {
            assert_eq!(check(password), expected, "{password}");
        }
        let long = |letters: usize| {
            "lípa most sova klíč "
                .chars()
                .cycle()
                .take(letters)
                .collect::<String>()
        };
        assert_eq!(check(&long(200)), Ok(()));
        assert_eq!(check(&long(201)), Err(WeakPassword::TooLong));
    }

    #[tokio::test]
    async fn a_password_opens_its_own_hash_alone() {
        let passwords = Passwords::default();
        let hash = passwords.hash("lípa most sova".into(), &Fixed).await;
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        for (password, stored, expected) in [
            ("lípa most sova", Some(hash.clone()), true),
            ("lipa most sova", Some(hash), false),
            ("lípa most sova", None, false),
            ("lípa most sova", Some("rubbish".to_owned()), false),
        ] {
            let verified = passwords.verify(password.into(), stored).await;
            assert_eq!(verified, expected, "{password}");
        }
        assert!(PasswordHash::new(NOBODYS).is_ok());
    }
}
