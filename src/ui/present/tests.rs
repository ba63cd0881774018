use std::sync::Arc;
use std::time::Duration;

use vyveska_board::{ClockBounds, NoticeId};

use super::*;
use crate::state::{Event, Intent};
use crate::store::samples;
use crate::ui::view_model::{IdlePage, Pixels};

fn now(seconds: u64) -> Now {
    Now {
        clock: ClockBounds::exact("2026-11-01T11:00:00Z".parse().unwrap()),
        monotonic: Duration::from_secs(seconds),
    }
}

/// What a telephone reads in a QR code.
fn decoded(code: &Picture) -> String {
    let Pixels::Opaque(pixels) = &code.pixels else {
        panic!("a code is opaque");
    };
    let (width, row) = (pixels.width() as usize, pixels.as_slice());
    let mut image =
        rqrr::PreparedImage::prepare_from_greyscale(width, pixels.height() as usize, |x, y| {
            row[y * width + x].r
        });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

/// Every QR code of the idle rotation and of the open notices, decoded.
fn codes(public_page: Option<&str>) -> Vec<String> {
    let evil: Url = "https://evil.example/deska/1".parse().unwrap();
    let mut notice = samples::notice("n1", 1, &[b"one"]);
    notice.url = Some(evil.clone());
    notice.iri = Some(evil.to_string());
    notice.documents[0].url = Some(evil.clone());
    let mut board = samples::content(vec![notice]);
    board.settings.public_page = public_page.map(|page| page.parse().unwrap());

    let mut presenter = Presenter::default();
    let mut state = State::new(now(0));
    state.apply(Event::BoardChanged(Arc::new(board)), now(0));
    let mut codes = Vec::new();
    let mut alone = 0;
    for seconds in 0..120 {
        state.apply(Event::Tick, now(seconds));
        let view_model = presenter.present(&state, &PageCache::default(), now(seconds));
        if let IdlePage::Notice(notice) = view_model.idle.page {
            alone += 1;
            codes.extend(notice.qr_code);
        }
    }
    assert!(alone > 0, "the rotation shows the notice by itself");
    state.apply(
        Event::Intent(Intent::OpenNotice(NoticeId::new("n1"))),
        now(120),
    );
    let view_model = presenter.present(&state, &PageCache::default(), now(120));
    codes.extend(view_model.notice.unwrap().qr_code);
    codes.iter().map(decoded).collect()
}

#[test]
fn qr_codes_lead_to_the_boards_own_page_of_the_notice_and_nowhere_else() {
    for page in [
        "https://deska.example/lipnice",
        "https://deska.example/lipnice/",
    ] {
        let codes = codes(Some(page));
        assert!(codes.len() > 1);
        for code in codes {
            assert_eq!(code, "https://deska.example/lipnice/notice/n1");
        }
    }
}

#[test]
fn without_a_page_of_its_own_a_board_offers_no_code_at_all() {
    assert_eq!(codes(None), [] as [String; 0]);
}
