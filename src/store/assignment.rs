//! A verified assignment.

use vyveska_wire::assignment::Assignment;
use vyveska_wire::envelope::Envelope;
use vyveska_wire::keys::{DisplayId, PublicKey};
use vyveska_wire::section::SettingsSection;

use super::SnapshotError;

/// An assignment that central signed for this display, and the envelope's exact bytes.
///
/// Made only by [`VerifiedAssignment::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedAssignment {
    envelope: Vec<u8>,
    assignment: Assignment,
}

impl VerifiedAssignment {
    /// Verifies the signature and addressee. Without a `display` any addressee counts.
    ///
    /// # Errors
    ///
    /// When central did not sign it, or not for this display.
    pub fn verify(
        envelope: &[u8],
        central: &PublicKey,
        display: Option<&DisplayId>,
    ) -> Result<Self, SnapshotError> {
        let assignment: Assignment = Envelope::from_bytes(envelope)?.open(central)?;
        if display.is_some_and(|display| assignment.to != *display) {
            let addressee = format!("display {}", assignment.to);
            return Err(SnapshotError::Addressee(addressee));
        }
        Ok(Self {
            envelope: envelope.to_vec(),
            assignment,
        })
    }

    pub fn number(&self) -> u64 {
        self.assignment.number
    }

    /// The id of the board that the display shows.
    pub fn board(&self) -> &str {
        &self.assignment.board
    }

    /// Sets what is the display's own, whatever the section says that all displays of the board share.
    pub(super) fn apply_to(&self, settings: &mut SettingsSection) {
        settings.part.clone_from(&self.assignment.part);
        settings
            .service_pin_hash
            .clone_from(&self.assignment.service_pin_hash);
    }

    /// The envelope's exact bytes.
    pub fn envelope(&self) -> &[u8] {
        &self.envelope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::samples;

    #[test]
    fn an_assignment_is_believed_only_from_central_and_only_by_its_display() {
        let envelope = samples::assignment(7, "lipnice");
        let (central, display) = (samples::central().public(), samples::display());
        let verified = VerifiedAssignment::verify(&envelope, &central, Some(&display)).unwrap();
        assert_eq!((verified.number(), verified.board()), (7, "lipnice"));
        let stranger = samples::device().public();
        let other = Some(central.id());
        assert!(VerifiedAssignment::verify(&envelope, &stranger, Some(&display)).is_err());
        assert_eq!(
            VerifiedAssignment::verify(&envelope, &central, other.as_ref()),
            Err(SnapshotError::Addressee(format!("display {display}")))
        );
        // On a device that has lost its key.
        assert!(VerifiedAssignment::verify(&envelope, &central, None).is_ok());
        // No manifest is an assignment.
        let manifest = samples::board(7, &[]).envelope;
        assert!(VerifiedAssignment::verify(&manifest, &central, Some(&display)).is_err());
    }
}
