//! Errors of the service screen for the markup, which words them in the reader's language.

use super::markup;
use crate::state::service_mode::{Trouble, TroubleKind};

/// For the markup; of the kind `none` when there is none.
pub(super) fn trouble_of(trouble: Option<&Trouble>) -> markup::Trouble {
    let Some(trouble) = trouble else {
        return markup::Trouble::default();
    };
    markup::Trouble {
        kind: kind_of(trouble.kind()),
        words: trouble.words().into(),
    }
}

fn kind_of(kind: TroubleKind) -> markup::TroubleKind {
    use markup::TroubleKind as Said;
    match kind {
        TroubleKind::ToolMissing => Said::ToolMissing,
        TroubleKind::TooSlow => Said::TooSlow,
        TroubleKind::NotPermitted => Said::NotPermitted,
        TroubleKind::Refused => Said::Refused,
        TroubleKind::Strange => Said::Strange,
        TroubleKind::File => Said::File,
        TroubleKind::Ending => Said::Ending,
        TroubleKind::NoBacklight => Said::NoBacklight,
        TroubleKind::NoConnection => Said::NoConnection,
        TroubleKind::Elaborate => Said::Elaborate,
        TroubleKind::NoCertificate => Said::NoCertificate,
        TroubleKind::SeveralCertificates => Said::SeveralCertificates,
        TroubleKind::NotACertificate => Said::NotACertificate,
        TroubleKind::CertificateDamaged => Said::CertificateDamaged,
        TroubleKind::CertificateTooLarge => Said::CertificateTooLarge,
        TroubleKind::CertificateUnusable => Said::CertificateUnusable,
        TroubleKind::ProxyUnusable => Said::ProxyUnusable,
        TroubleKind::NotKept => Said::NotKept,
        TroubleKind::CentralUnknown => Said::CentralUnknown,
        TroubleKind::CentralUnconnected => Said::CentralUnconnected,
        TroubleKind::CentralUntrusted => Said::CentralUntrusted,
        TroubleKind::CentralSlow => Said::CentralSlow,
        TroubleKind::CentralBroke => Said::CentralBroke,
        TroubleKind::CentralRefuses => Said::CentralRefuses,
        TroubleKind::CentralPlainHttp => Said::CentralPlainHttp,
        TroubleKind::NotCentral => Said::NotCentral,
    }
}
