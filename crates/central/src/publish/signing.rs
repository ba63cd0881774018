//! What central signs for displays: one manifest for all displays of a board, and each display's assignment.

use std::sync::Arc;

use vyveska_wire::assignment::Assignment;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::manifest::{Addressee, Manifest, Sections, next_number};

use super::{ATTEMPTS, Announcement, PublishError, Publisher};
use crate::error::causes;
use crate::storage::{
    NewManifest, RegisteredDisplay, Storage, StorageError, StoredAssignment, StoredManifest,
};

impl Publisher {
    /// The newest manifest of a board; signed now if it has none for the newest publication that this key has signed, or
    /// if a display has one with a larger number, `held`: it was signed before this database was restored from a backup.
    /// That counts once in a while, by the rule of `claims.rs`.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn manifest(
        &self,
        storage: &dyn Storage,
        board: &str,
        held: u64,
    ) -> Result<Option<StoredManifest>, PublishError> {
        if let Some(manifest) = self.signed_manifest(storage, board, held).await? {
            return Ok(Some(manifest));
        }
        // Many displays may ask at once for what has to be signed once.
        let _signing = self.signing.lock().await;
        let held = self.counting(storage, board, held).await?;
        for _ in 0..ATTEMPTS {
            if let Some(manifest) = self.signed_manifest(storage, board, held).await? {
                return Ok(Some(manifest));
            }
            let Some(publication) = storage.publication(board).await? else {
                return Ok(None);
            };
            let signed = self
                .sign(storage, board, &publication.sections, held)
                .await?;
            let manifest = StoredManifest {
                number: signed.number,
                publication: publication.id,
                bytes: signed.bytes,
            };
            let now = self.clock.now().earliest;
            match storage.add_manifest(board, &manifest, now).await {
                Err(StorageError::Conflict) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    if held > 0 {
                        self.claims.honoured(board, now);
                    }
                    return Ok(Some(manifest));
                }
            }
        }
        Err(StorageError::Conflict.into())
    }

    /// What counts now of a display's claim.
    async fn counting(
        &self,
        storage: &dyn Storage,
        board: &str,
        held: u64,
    ) -> Result<u64, StorageError> {
        let newest = storage.manifest(board).await?;
        Ok(match newest {
            Some(newest) if newest.number < held => {
                let now = self.clock.now().earliest;
                self.claims.counting(board, held, now)
            }
            _ => 0,
        })
    }

    /// The newest manifest, where it needs no other one.
    async fn signed_manifest(
        &self,
        storage: &dyn Storage,
        board: &str,
        held: u64,
    ) -> Result<Option<StoredManifest>, StorageError> {
        let Some(newest) = storage.manifest(board).await? else {
            return Ok(None);
        };
        let publication = storage.publication(board).await?;
        let is_newest = publication.is_some_and(|one| newest.publication >= one.id)
            && newest.number >= held
            && self.is_signed(board, &newest);
        Ok(is_newest.then_some(newest))
    }

    /// Signs a manifest with the next number of the board, beyond `held`.
    pub(super) async fn sign(
        &self,
        storage: &dyn Storage,
        board: &str,
        sections: &Sections,
        held: u64,
    ) -> Result<NewManifest, StorageError> {
        let newest = storage.manifest(board).await?;
        let newest = newest.map_or(0, |manifest| manifest.number);
        let now = self.clock.now().earliest;
        let manifest = Manifest {
            number: next_number(newest.max(held), now),
            created: now,
            to: Addressee::Group(board.to_owned()),
            sections: sections.clone(),
        };
        Ok(NewManifest {
            number: manifest.number,
            bytes: Envelope::seal(&manifest, &self.key).to_bytes(),
        })
    }

    /// Whether displays of the board believe a stored manifest: none that another key has signed, or that is damaged.
    fn is_signed(&self, board: &str, manifest: &StoredManifest) -> bool {
        let key = self.key.public();
        let opened = Envelope::from_bytes(&manifest.bytes)
            .and_then(|envelope| envelope.open::<Manifest>(&key));
        opened.is_ok_and(|opened| opened.to == Addressee::Group(board.to_owned()))
    }

    /// How events announce the newest manifest of a board, to those who wait for it and to the caller.
    ///
    /// # Errors
    ///
    /// When storage fails.
    pub async fn announcement(
        &self,
        storage: &dyn Storage,
        board: &str,
    ) -> Result<Option<Arc<Announcement>>, PublishError> {
        let Some(manifest) = self.manifest(storage, board, 0).await? else {
            return Ok(None);
        };
        if let Some(known) = self.newest.known(board, manifest.number) {
            return Ok(Some(known));
        }
        let envelope = Envelope::from_bytes(&manifest.bytes)?;
        let sections = envelope.open::<Manifest>(&self.key.public())?.sections;
        let alerts = sections.alerts.hash;
        let text = match self.blobs.get(alerts.0).await {
            Ok(bytes) => String::from_utf8(bytes.to_vec()).ok(),
            // Displays ask for it, and are told so.
            Err(error) => {
                let error = causes(&error);
                tracing::warn!(board, error, "the alerts do not travel in the event");
                None
            }
        };
        let (publication, number) = (manifest.publication, manifest.number);
        let jitter_ms = self.newest.jitter_ms();
        let announcement =
            Announcement::new(publication, number, &envelope, alerts, text, jitter_ms);
        Ok(Some(self.newest.announce(board, announcement)))
    }

    /// What is a display's own; signed now if it is not what this key has signed last, or if the display has one with a
    /// larger number, `held`, which counts once in a while.
    ///
    /// # Errors
    ///
    /// When storage fails, or the display's board is not served.
    pub async fn assignment(
        &self,
        storage: &dyn Storage,
        display: &RegisteredDisplay,
        held: u64,
    ) -> Result<StoredAssignment, PublishError> {
        let board = self
            .config
            .board(&display.board)
            .ok_or_else(|| PublishError::UnknownBoard(display.board.clone()))?;
        for _ in 0..ATTEMPTS {
            let stored = storage.assignment(&display.id).await?;
            let newest = stored.as_ref().map_or(0, |one| one.number);
            let opened = stored.as_ref().and_then(|one| self.open_assignment(one));
            let now = self.clock.now().earliest;
            let held = if held > newest {
                let id = display.id.as_str();
                self.assignment_claims.counting(id, held, now)
            } else {
                0
            };
            let wanted = Assignment {
                number: next_number(newest.max(held), now),
                created: now,
                to: display.id.clone(),
                board: display.board.clone(),
                part: board.part_of(&display.id),
                service_pin_hash: board.service_pin_hash_of(&display.id),
            };
            if let (Some(stored), Some(opened)) = (stored, opened)
                && stored.number >= held
            {
                let same = Assignment {
                    number: opened.number,
                    created: opened.created,
                    ..wanted.clone()
                };
                if opened == same {
                    return Ok(stored);
                }
            }
            let assignment = StoredAssignment {
                number: wanted.number,
                bytes: Envelope::seal(&wanted, &self.key).to_bytes(),
            };
            match storage.set_assignment(&display.id, &assignment).await {
                Err(StorageError::Conflict) => {}
                set => {
                    set?;
                    if held > 0 {
                        self.assignment_claims.honoured(display.id.as_str(), now);
                    }
                    return Ok(assignment);
                }
            }
        }
        Err(StorageError::Conflict.into())
    }

    /// A stored assignment, unless another key has signed it or it is damaged.
    fn open_assignment(&self, stored: &StoredAssignment) -> Option<Assignment> {
        let envelope = Envelope::from_bytes(&stored.bytes).ok()?;
        envelope.open(&self.key.public()).ok()
    }
}
