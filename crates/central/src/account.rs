//! Accounts: what a password has to be, the second step of signing in, sessions, invitations, and what a role may do.
//!
//! The rules are here, the rows in [`storage`](crate::storage), the pages in `web/admin`.

pub mod invitation;
pub mod lock_out;
pub mod password;
pub mod role;
pub mod session;
pub mod token;
pub mod totp;
