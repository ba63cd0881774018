//! `vyveska journal verify DIR --key FILE`, for technicians and auditors.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use vyveska_wire::keys::PublicKey;

use super::verify as check;

/// The result of the command, which decides its exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyOutcome {
    /// Nothing was altered: status 0.
    Whole,
    /// Something was altered, removed or reordered, or there is no journal: status 3.
    Altered,
    /// The command could not run, for instance because the key file is not a key: status 2.
    Unusable,
}

impl VerifyOutcome {
    pub const fn code(self) -> u8 {
        match self {
            Self::Whole => 0,
            Self::Unusable => 2,
            Self::Altered => 3,
        }
    }
}

/// Checks the journal in `folder` with the public key in `key_file` and prints the result.
///
/// # Errors
///
/// When `out` cannot be written.
pub fn verify(folder: &Path, key_file: &Path, out: &mut dyn Write) -> io::Result<VerifyOutcome> {
    let key = match fs::read_to_string(key_file) {
        Ok(text) => PublicKey::from_pem(&text).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let key = match key {
        Ok(key) => key,
        Err(reason) => {
            writeln!(
                out,
                "The key {} cannot be used: {reason}.",
                key_file.display()
            )?;
            return Ok(VerifyOutcome::Unusable);
        }
    };
    let report = match check(folder, &key) {
        Ok(report) => report,
        Err(error) => {
            writeln!(
                out,
                "The journal in {} is NOT whole: {error}.",
                folder.display()
            )?;
            return Ok(VerifyOutcome::Altered);
        }
    };
    writeln!(
        out,
        "The journal of display {} is whole: {} entries in {} segments, none altered, missing or reordered.",
        key.id(),
        report.entries,
        report.segments
    )?;
    writeln!(
        out,
        "It is sealed up to entry {} by the sign of life of {}.",
        report.alive.head.sequence,
        report.alive.when.clock.earliest.to_rfc3339()
    )?;
    if report.gaps > 0 {
        writeln!(
            out,
            "It states {} gaps, of which it knows nothing.",
            report.gaps
        )?;
    }
    if report.unsealed > 0 {
        writeln!(
            out,
            "The last {} entries are not sealed yet: they are in order, but nothing shows whether more followed.",
            report.unsealed
        )?;
    }
    if report.torn_bytes > 0 {
        writeln!(
            out,
            "After them {} bytes of a torn entry wait to be repaired at the next start.",
            report.torn_bytes
        )?;
    }
    if report.damaged_alive_blocks > 0 {
        writeln!(
            out,
            "One of the two signs of life is damaged: a newer one may have sealed entries that are gone now."
        )?;
    }
    Ok(VerifyOutcome::Whole)
}
