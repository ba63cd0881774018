//! Certificates of an authority, from a disk that somebody connects.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::{ConnectedDisks, HardwareError};
use crate::state::service_mode::{Authority, MAX_AUTHORITY_BYTES};

/// How deep the folders of a disk are searched.
const DEPTH: usize = 3;

/// The most folder entries that are examined.
const MAX_ENTRIES: usize = 5000;

/// How many bytes of the fingerprint are shown for comparison by a person.
const FINGERPRINT_BYTES: usize = 8;

/// Why a file is not accepted as a certificate of an authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    #[error("too large for certificates: {MAX_AUTHORITY_BYTES} bytes in PEM at most")]
    TooLarge,
    #[error("not a certificate")]
    NotACertificate,
    /// It begins like a certificate and is not a whole one.
    #[error("a certificate in it is damaged or cut off")]
    Damaged,
}

/// The folders under which systems mount removable disks.
#[derive(Debug, Clone)]
pub struct MediaFolders {
    folders: Vec<PathBuf>,
}

impl Default for MediaFolders {
    fn default() -> Self {
        Self::under(["/media", "/run/media"])
    }
}

impl MediaFolders {
    pub fn under<P: Into<PathBuf>>(folders: impl IntoIterator<Item = P>) -> Self {
        Self {
            folders: folders.into_iter().map(Into::into).collect(),
        }
    }

    fn certificates(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut left = MAX_ENTRIES;
        // The first level holds disks, or users' folders with disks.
        for folder in &self.folders {
            search_folder(folder, DEPTH + 1, &mut left, &mut found);
        }
        found.sort();
        found
    }
}

fn search_folder(folder: &Path, depth: usize, left: &mut usize, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if *left == 0 {
            return;
        }
        *left -= 1;
        let path = entry.path();
        // Links are not followed, because a disk must not lead to other files.
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() && depth > 0 {
            search_folder(&path, depth - 1, left, found);
        } else if kind.is_file() && is_named_so(&path) {
            found.push(path);
        }
    }
}

fn is_named_so(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["pem", "crt", "cer", "der"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

impl ConnectedDisks for MediaFolders {
    fn find_authority(&self) -> Result<Authority, HardwareError> {
        let found = self.certificates();
        match &found[..] {
            [] => Err(HardwareError::NoCertificate),
            [path] => {
                let mut bytes = Vec::new();
                let file = File::open(path).map_err(HardwareError::io(path))?;
                file.take(MAX_AUTHORITY_BYTES as u64 + 1)
                    .read_to_end(&mut bytes)
                    .map_err(HardwareError::io(path))?;
                authority_of(&bytes).map_err(|reason| HardwareError::Unfit {
                    path: path.clone(),
                    reason,
                })
            }
            several => Err(HardwareError::Several(several.len())),
        }
    }
}

/// Reads the certificates in a file, PEM or DER.
///
/// # Errors
///
/// When the file holds no certificate, something else, or more than may be kept.
pub fn authority_of(bytes: &[u8]) -> Result<Authority, AuthorityError> {
    if bytes.len() > MAX_AUTHORITY_BYTES {
        return Err(AuthorityError::TooLarge);
    }
    let pem = match std::str::from_utf8(bytes) {
        Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => certificates_only(text)?,
        // 0x30 begins an ASN.1 sequence, as every certificate does.
        _ if bytes.first() == Some(&0x30) => pem_of(bytes),
        _ => return Err(AuthorityError::NotACertificate),
    };
    let fingerprint = Sha256::digest(pem.as_bytes());
    let first = pem
        .split_once("-----END CERTIFICATE-----")
        .and_then(|(first, _)| first.split_once("-----BEGIN CERTIFICATE-----"))
        .and_then(|(_, body)| STANDARD.decode(body.replace(['\n', '\r', ' '], "")).ok());
    let fingerprint = first.map_or(fingerprint, Sha256::digest);
    let fingerprint: Vec<String> = fingerprint
        .iter()
        .take(FINGERPRINT_BYTES)
        .map(|byte| format!("{byte:02X}"))
        .collect();
    // DER grows by a third in PEM.
    Authority::new(pem, fingerprint.join(":")).ok_or(AuthorityError::TooLarge)
}

/// Keeps the certificates only: a file may hold a private key too.
fn certificates_only(text: &str) -> Result<String, AuthorityError> {
    let mut kept = String::new();
    for part in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
        let (body, _) = part
            .split_once("-----END CERTIFICATE-----")
            .ok_or(AuthorityError::Damaged)?;
        let body: String = body.split_whitespace().collect();
        let der = STANDARD.decode(body).map_err(|_| AuthorityError::Damaged)?;
        kept.push_str(&pem_of(&der));
    }
    Ok(kept)
}

fn pem_of(der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut letters = body.as_str();
    while !letters.is_empty() {
        let (line, rest) = letters.split_at(letters.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        letters = rest;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = include_str!("../../tests/fixtures/tls/authority.pem");

    #[test]
    fn the_one_certificate_of_a_disk_is_found() {
        let media = tempfile::tempdir().unwrap();
        let disks = MediaFolders::under([media.path()]);
        assert!(matches!(
            disks.find_authority(),
            Err(HardwareError::NoCertificate)
        ));
        let folder = media.path().join("technik/USB/ca");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("readme.txt"), PEM).unwrap();
        fs::write(folder.join("obec.CRT"), PEM).unwrap();
        let found = disks.find_authority().unwrap();
        assert_eq!(found, authority_of(PEM.as_bytes()).unwrap());
        fs::write(folder.join("old.pem"), PEM).unwrap();
        assert!(matches!(
            disks.find_authority(),
            Err(HardwareError::Several(2))
        ));
    }

    #[test]
    fn bare_bytes_and_pem_are_the_same_certificate() {
        let from_pem = authority_of(PEM.as_bytes()).unwrap();
        let body: String = PEM
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect();
        let der = STANDARD.decode(body).unwrap();
        assert_eq!(authority_of(&der).unwrap(), from_pem);
        assert_eq!(from_pem.fingerprint().len(), 8 * 3 - 1);
    }

    #[test]
    fn a_private_key_beside_it_is_not_kept() {
        let with_key =
            format!("{PEM}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        let kept = authority_of(with_key.as_bytes()).unwrap();
        assert!(!kept.pem().contains("PRIVATE"));
    }

    #[test]
    fn anything_else_is_refused() {
        for bytes in [
            &b""[..],
            b"hello",
            b"-----BEGIN CERTIFICATE-----\nMII",
            b"-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----",
            &vec![0x30; 70_000],
        ] {
            assert!(authority_of(bytes).is_err());
        }
    }

    #[test]
    fn what_is_read_is_small_enough_to_be_kept_and_used_again() {
        // The largest DER whose PEM is still within the bound, and one line more.
        let lines = (MAX_AUTHORITY_BYTES - "-----BEGIN CERTIFICATE-----\n".len() * 2) / 65;
        let largest = vec![0x30; lines * 48];
        let kept = authority_of(&largest).unwrap();
        assert!(kept.pem().len() <= MAX_AUTHORITY_BYTES);
        assert_eq!(authority_of(kept.pem().as_bytes()).unwrap(), kept);
        let larger = vec![0x30; (lines + 1) * 48];
        assert!(larger.len() <= MAX_AUTHORITY_BYTES);
        assert_eq!(authority_of(&larger), Err(AuthorityError::TooLarge));
        // The bound also holds for a file on a disk that grows while it is read.
        let media = tempfile::tempdir().unwrap();
        fs::write(media.path().join("obec.der"), &larger).unwrap();
        assert!(matches!(
            MediaFolders::under([media.path()]).find_authority(),
            Err(HardwareError::Unfit {
                reason: AuthorityError::TooLarge,
                ..
            })
        ));
    }
}
