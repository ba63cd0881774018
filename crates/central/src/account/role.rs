//! What each role may do, and who needs a second step to sign in.

use crate::storage::{Grant, Role};

/// What a page asks of whoever opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// What everybody has who has signed in: the first page, and what is one's own.
    Own,
    /// How the displays of one's towns are.
    SeeDisplays,
    /// The audit log of one's towns.
    ReadAudit,
    /// Accounts, roles and invitations.
    ManagePeople,
}

impl Permission {
    pub const ALL: [Self; 4] = [
        Self::Own,
        Self::SeeDisplays,
        Self::ReadAudit,
        Self::ManagePeople,
    ];

    /// Whether a role gives it, for the towns of the role.
    pub const fn is_given_by(self, role: Role) -> bool {
        match self {
            // Whoever mends a display, posts for it, warns by it or checks what hung there asks first whether it is there.
            Self::Own | Self::SeeDisplays => true,
            Self::ReadAudit => matches!(role, Role::Administrator | Role::Reader),
            Self::ManagePeople => matches!(role, Role::Administrator),
        }
    }

    pub fn is_given(self, grants: &[Grant]) -> bool {
        // Whoever has no role keeps what is one's own.
        matches!(self, Self::Own) || grants.iter().any(|grant| self.is_given_by(grant.role()))
    }
}

/// Whether these roles take a code to sign in: those of administrators, and of whoever may send alerts.
pub fn need_code(grants: &[Grant]) -> bool {
    let needs_code = |role: Role| match role {
        Role::Administrator | Role::Coordinator | Role::Mayor => true,
        Role::Editor | Role::Technician | Role::Reader => false,
    };
    grants.iter().any(|grant| needs_code(grant.role()))
}
