//! The second step of signing in: six digits of an app, new every half minute (RFC 6238).

use qrcode::QrCode;
use qrcode::render::svg;
use totp_rs::{Builder, Secret, Totp};
use vyveska_board::ClockBounds;

use crate::entropy::Entropy;

/// What apps show the code under.
const ISSUER: &str = "Vývěska";

/// How many random bytes a secret has (RFC 4226, 4).
const SECRET_BYTES: usize = 20;

/// Makes a secret, in base 32.
pub fn new_secret(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; SECRET_BYTES];
    entropy.fill(&mut bytes);
    Secret::from(bytes).to_base32()
}

fn totp(secret: &str, email: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    let builder = Builder::new()
        .with_secret(secret)
        .with_issuer(Some(ISSUER))
        .with_account_name(email);
    builder.build().ok()
}

/// The time step whose code this is, now or one step before or after; `None` where it is that of none.
///
/// Of an unsure clock either end may be the time of the phone.
pub fn step_of(code: &str, secret: &str, email: &str, now: &ClockBounds) -> Option<u64> {
    let digits: String = code.chars().filter(|one| !one.is_whitespace()).collect();
    let totp = totp(secret, email)?;
    [now.earliest, now.latest].into_iter().find_map(|now| {
        let seconds = u64::try_from(now.timestamp()).ok()?;
        totp.check(&digits, seconds)
    })
}

/// The `otpauth:` address by which an app knows a secret.
pub fn address(secret: &str, email: &str) -> Option<String> {
    totp(secret, email)?.to_url().ok()
}

/// A picture of [`address`] for an app to scan, in SVG.
pub fn qr_code(secret: &str, email: &str) -> Option<String> {
    let code = QrCode::new(address(secret, email)?).ok()?;
    let picture = code
        .render::<svg::Color<'_>>()
        .min_dimensions(220, 220)
        .dark_color(svg::Color("#16202b"))
        .build();
    // Inside a page it has no XML declaration.
    picture
        .find("<svg")
        .map(|start| picture[start..].to_owned())
}

/// A secret in groups of four, as it is typed.
pub fn in_groups(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    let groups = letters.chunks(4).map(String::from_iter);
    groups.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    /// Of RFC 6238, appendix B, with six digits.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn a_code_is_that_of_its_time_and_half_a_minute_around_it() {
        let time = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap();
        let at = |seconds: i64| ClockBounds::exact(time(seconds));
        for (seconds, expected) in [(59, Some(1)), (89, Some(1)), (90, None), (29, Some(1))] {
            let step = step_of("287082", SECRET, "a@b.example", &at(seconds));
            assert_eq!(step, expected, "{seconds}");
        }
        assert_eq!(
            step_of(" 287 082\n", SECRET, "a@b.example", &at(59)),
            Some(1)
        );
        for rubbish in ["", "28708", "2870822", "abcdef", "२८७०८२"] {
            assert_eq!(
                step_of(rubbish, SECRET, "a@b.example", &at(59)),
                None,
                "{rubbish}"
            );
        }
        let unsure = ClockBounds {
            latest: time(1_111_111_109),
            ..at(59)
        };
        for (code, expected) in [("287082", 1), ("081804", 37_037_036)] {
            let step = step_of(code, SECRET, "a@b.example", &unsure);
            assert_eq!(step, Some(expected), "{code}");
        }
    }

    #[test]
    fn an_app_can_scan_it() {
        let picture = qr_code(SECRET, "eva@lipnice.example").unwrap();
        assert!(picture.starts_with("<svg"), "{picture}");
        assert_eq!(in_groups("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }
}
