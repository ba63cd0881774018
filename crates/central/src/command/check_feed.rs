//! `check-feed`: lists the notices of a feed and its deviations from the open formal norm.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;
use url::Url;
use vyveska_board::ofn::{FeedBoard, FeedNotice, Operator, UnreadPart, Warning};
use vyveska_wire::section::{MomentRecord, Texts, texts};

use crate::app::source_client;
use crate::config::{FetchConfig, SourceConfig, SourceKind, SourceLocation};
use crate::fetch::http::Validators;
use crate::source::ofn::OfnSource;
use crate::source::{SnapshotBounds, Source as _, SourceReply};

/// The exit status when no board could be read.
const UNREADABLE: u8 = 3;

#[derive(Debug, Serialize)]
struct Report {
    boards: Vec<BoardReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct BoardReport {
    iri: String,
    name: Texts,
    page: Option<Url>,
    operator: Option<OperatorReport>,
    notices: Vec<NoticeReport>,
    unread: Vec<UnreadReport>,
    warnings: Vec<WarningReport>,
}

/// A part of the feed that could not be read.
#[derive(Debug, Serialize)]
struct UnreadReport {
    first_line: usize,
    last_line: usize,
    names: Vec<String>,
}

#[derive(Debug, Serialize)]
struct OperatorReport {
    ico: Option<String>,
    ovm: Option<String>,
    name: Texts,
}

#[derive(Debug, Serialize)]
struct NoticeReport {
    key: String,
    iri: Option<String>,
    url: Option<Url>,
    title: Texts,
    description: Texts,
    posted: MomentRecord,
    relevant_until: MomentRecord,
    approved: MomentRecord,
    reference_number: Option<String>,
    file_number: Option<String>,
    revision_mark: Option<String>,
    categories: Vec<Texts>,
    originator: Option<String>,
    documents: Vec<DocumentReport>,
}

#[derive(Debug, Serialize)]
struct DocumentReport {
    title: Texts,
    url: Option<Url>,
}

#[derive(Debug, Serialize)]
struct WarningReport {
    notice: Option<String>,
    field: String,
    message: String,
}

pub(super) async fn run(feed: &str, json: bool) -> anyhow::Result<ExitCode> {
    let report = match read(feed).await {
        Ok(boards) => Report {
            boards: boards.into_iter().map(BoardReport::from).collect(),
            error: None,
        },
        Err(error) => Report {
            boards: Vec::new(),
            error: Some(error.to_string()),
        },
    };
    let text = if json {
        serde_json::to_string(&report)? + "\n"
    } else {
        as_text(&report)
    };
    // Writing fails when the reader, such as `head`, has closed the pipe; the exit status is still right.
    let _ = std::io::stdout().write_all(text.as_bytes());
    if let Some(error) = &report.error {
        eprintln!("no board could be read: {error}");
        return Ok(ExitCode::from(UNREADABLE));
    }
    Ok(ExitCode::SUCCESS)
}

async fn read(feed: &str) -> anyhow::Result<Vec<FeedBoard>> {
    let fetch = FetchConfig::default();
    let mut url = SourceLocation::from(feed.to_owned());
    url.resolve(Path::new(".")).map_err(anyhow::Error::msg)?;
    let source = SourceConfig {
        id: "check".to_owned(),
        kind: SourceKind::Ofn,
        url,
        poll_seconds: 900,
        board_iri: None,
        private_hosts: Vec::new(),
        extra_ca: None,
    };
    let source = OfnSource {
        client: source_client(&fetch, &source)?,
        location: source.url,
        board_iri: None,
        bounds: SnapshotBounds {
            max_bytes: fetch.max_feed_mib * 1024 * 1024,
            timeout: Duration::from_secs(fetch.timeout_seconds),
        },
    };
    let reply = source.fetch(&Validators::default()).await?;
    let SourceReply::Snapshot { bytes, .. } = reply else {
        anyhow::bail!("the publisher says that nothing changed");
    };
    source.boards(&bytes).map_err(anyhow::Error::msg)
}

fn as_text(report: &Report) -> String {
    let mut text = String::new();
    for board in &report.boards {
        text.push_str(&format!(
            "deska {}: oznámení {}, upozornění {}\n",
            board.iri,
            board.notices.len(),
            board.warnings.len()
        ));
        for warning in &board.warnings {
            let notice = warning.notice.as_deref().unwrap_or("deska");
            text.push_str(&format!(
                "  {notice}: {}: {}\n",
                warning.field, warning.message
            ));
        }
        // Last, where the eye is when all has run by.
        for part in &board.unread {
            let lines = match (part.first_line, part.last_line) {
                (first, last) if first == last => format!("řádek {first}"),
                (first, last) => format!("řádky {first} až {last}"),
            };
            let names: Vec<String> = part.names.iter().map(|name| format!("„{name}“")).collect();
            let colon = if names.is_empty() { "" } else { ": " };
            text.push_str(&format!("NEPŘEČTENO, {lines}{colon}{}\n", names.join(", ")));
        }
    }
    text
}

impl From<FeedBoard> for BoardReport {
    fn from(board: FeedBoard) -> Self {
        Self {
            iri: board.iri.to_string(),
            name: texts(&board.name),
            page: board.page,
            operator: board.operator.map(OperatorReport::from),
            notices: board.notices.into_iter().map(NoticeReport::from).collect(),
            warnings: board
                .warnings
                .into_iter()
                .map(WarningReport::from)
                .collect(),
            unread: board.unread.into_iter().map(UnreadReport::from).collect(),
        }
    }
}

impl From<UnreadPart> for UnreadReport {
    fn from(part: UnreadPart) -> Self {
        let (first_line, last_line) = part.lines;
        Self {
            first_line,
            last_line,
            names: part.names,
        }
    }
}

impl From<Operator> for OperatorReport {
    fn from(operator: Operator) -> Self {
        Self {
            ico: operator.ico,
            ovm: operator.ovm,
            name: texts(&operator.name),
        }
    }
}

impl From<FeedNotice> for NoticeReport {
    fn from(notice: FeedNotice) -> Self {
        Self {
            key: notice.key.to_string(),
            iri: notice.iri.map(|iri| iri.to_string()),
            url: notice.url,
            title: texts(&notice.title),
            description: texts(&notice.description),
            posted: notice.posted.into(),
            relevant_until: notice.relevant_until.into(),
            approved: notice.approved.into(),
            reference_number: notice.reference_number.map(|number| number.to_string()),
            file_number: notice.file_number.map(|number| number.to_string()),
            revision_mark: notice.revision_mark,
            categories: notice.categories.iter().map(texts).collect(),
            originator: notice.originator,
            documents: notice
                .documents
                .into_iter()
                .map(|document| DocumentReport {
                    title: texts(&document.title),
                    url: document.url,
                })
                .collect(),
        }
    }
}

impl From<Warning> for WarningReport {
    fn from(warning: Warning) -> Self {
        Self {
            notice: warning.notice,
            field: warning.field,
            message: warning.message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_read_is_named_last() {
        let feed = r#"{"iri": "https://lipnice.example/", "informace": [
            {"iri": "a", "název": {"cs": "Dražba"}, "vyvěšení": {"datum": "2026-11-01"}},
            {"iri": "b" "název": {"cs": "Výzva"}, "vyvěšení": {"datum": "2026-11-01"}}
        ]}"#;
        let base = Url::parse("https://lipnice.example/feed").unwrap();
        let boards = vyveska_board::ofn::read(feed.as_bytes(), &base).unwrap();
        let report = Report {
            boards: boards.into_iter().map(BoardReport::from).collect(),
            error: None,
        };
        let text = as_text(&report);
        let first = "deska https://lipnice.example/: oznámení 1, ";
        assert!(text.starts_with(first), "{text}");
        let last = text.lines().last();
        assert_eq!(last, Some("NEPŘEČTENO, řádek 3: „Výzva“"));
    }
}
