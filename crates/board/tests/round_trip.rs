//! What is written reads back as it was, without a warning.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use url::Url;
use vyveska_board::ofn::{self, FeedKey, Operator, WriteError, WrittenBoard};
use vyveska_board::{
    BoardIri, Channel, Document, FileNumber, LanguageMap, Moment, Notice, NoticeId, NoticeIri,
    ReferenceNumber, Revision,
};

fn board() -> WrittenBoard {
    WrittenBoard {
        iri: BoardIri::new("https://kiosk.example/zdroj/deska"),
        name: LanguageMap::czech("Úřední deska"),
        page: Url::parse("https://kiosk.example/deska").expect("an address"),
        operator: Operator {
            ico: Some("00258245".to_owned()),
            ovm: None,
            name: LanguageMap::czech("Dolní Lhota"),
        },
        notices: Url::parse("https://kiosk.example/oznameni/").expect("an address"),
    }
}

/// A text without white space to collapse or entities to decode.
fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        "[A-Za-zěščřžýáíéůúťďňĚŠČŘŽ0-9„“.,:/()!<>'\"\\\\-]{1,12}",
        1..6,
    )
    .prop_map(|words| words.join(" "))
}

fn any_map() -> impl Strategy<Value = LanguageMap> {
    (
        any_text(),
        prop::option::of(any_text()),
        prop::option::of(any_text()),
    )
        .prop_map(|(czech, english, german)| {
            let mut map = LanguageMap::czech(czech);
            for (code, text) in [("en", english), ("de", german)] {
                if let Some(text) = text {
                    map.insert(code, text);
                }
            }
            map
        })
}

fn any_day() -> impl Strategy<Value = NaiveDate> {
    (0_i64..360_000).prop_map(|days| {
        NaiveDate::from_ymd_opt(1971, 1, 2).expect("a day") + TimeDelta::days(days)
    })
}

fn any_moment() -> impl Strategy<Value = Moment> {
    prop_oneof![
        Just(Moment::Unspecified),
        any_day().prop_map(Moment::Date),
        (40_000_000_i64..30_000_000_000, 0_u32..1_000_000_000).prop_map(|(seconds, nanos)| {
            let instant: DateTime<Utc> =
                DateTime::from_timestamp(seconds, nanos).expect("in range");
            Moment::Instant(instant)
        }),
    ]
}

fn any_documents() -> impl Strategy<Value = Vec<Document>> {
    prop::collection::vec((any_map(), any::<bool>()), 0..4).prop_map(|documents| {
        documents
            .into_iter()
            .enumerate()
            .map(|(number, (title, pdf))| Document {
                title,
                hash: None,
                missing: None,
                size_bytes: 0,
                media_type: pdf.then(|| "application/pdf".to_owned()),
                url: Url::parse(&format!("https://obec.example/soubor/{number}?a=1&b=2")).ok(),
                pages: None,
                text: None,
                rendition: None,
                doubtful_pages: Vec::new(),
            })
            .collect()
    })
}

prop_compose! {
    fn any_notice()(
        own in any::<(bool, bool, bool)>(),
        texts in (any_map(), prop::option::of(any_map()), prop::collection::btree_set(any_text(), 0..3)),
        times in (any_moment(), any_moment(), any_moment()),
        numbers in (prop::option::of(any_text()), prop::option::of(any_text()), prop::option::of(any_text())),
        documents in any_documents(),
        revision in 1_u32..,
    ) -> Notice {
        let (posted, relevant_until, approved) = times;
        let turned = matches!((posted.start(), relevant_until.end()), (Some(s), Some(e)) if e <= s);
        let days = posted.date().zip(relevant_until.date());
        let mistyped = days.is_some_and(|(start, end)| end.year() - start.year() > 100);
        Notice {
            id: NoticeId::new("n"),
            revision: Revision::new(revision).expect("not 0"),
            iri: own.0.then(|| NoticeIri::new("https://obec.example/zdroj/úřední-deska/1")),
            url: own.1.then(|| Url::parse("https://obec.example/deska/1?x=ř").expect("an address")),
            title: texts.0,
            description: texts.1.unwrap_or_default(),
            posted,
            relevant_until: if turned || mistyped { Moment::Unspecified } else { relevant_until },
            approved,
            reference_number: numbers.0.map(ReferenceNumber::new),
            file_number: numbers.1.map(FileNumber::new),
            categories: texts.2.into_iter().map(LanguageMap::czech).collect(),
            originator: numbers.2,
            documents,
            channel: Channel::BoardAndWeb,
            personal_data: own.2,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_written_board_reads_back_without_a_warning(
        notices in prop::collection::vec(any_notice(), 0..4),
    ) {
        let board = board();
        let notices: Vec<_> = notices
            .into_iter()
            .enumerate()
            .map(|(number, mut notice)| {
                notice.id = NoticeId::new(format!("n{number}"));
                notice.iri = notice.iri.map(|iri| NoticeIri::new(format!("{iri}{number}")));
                if let Some(url) = &mut notice.url {
                    url.query_pairs_mut().append_pair("n", &number.to_string());
                }
                notice
            })
            .collect();
        let listed: Vec<_> = notices.iter().collect();
        let written = ofn::write(&board, &listed, |_, document| document.url.clone()).expect("a board");
        let read = ofn::read(written.as_bytes(), &board.page).expect("a feed");
        prop_assert_eq!(read.len(), 1);
        prop_assert_eq!(&read[0].warnings, &[]);
        prop_assert_eq!(&read[0].iri, &board.iri);
        prop_assert_eq!(&read[0].name, &board.name);
        prop_assert_eq!(&read[0].page, &Some(board.page));
        prop_assert_eq!(&read[0].operator, &Some(board.operator));
        prop_assert_eq!(read[0].notices.len(), notices.len());
        for (read, notice) in read[0].notices.iter().zip(&notices) {
            let own_page = format!("https://kiosk.example/oznameni/{}", notice.id);
            let iri = notice.iri.clone().unwrap_or_else(|| NoticeIri::new(&*own_page));
            prop_assert_eq!(&read.key, &FeedKey::Iri(iri));
            let url = notice.url.as_ref().map_or(&*own_page, |url| url.as_str());
            prop_assert_eq!(read.url.as_ref().map(Url::as_str), Some(url));
            prop_assert_eq!(&read.title, &notice.title);
            prop_assert_eq!(&read.description, &notice.description);
            prop_assert_eq!(read.posted, notice.posted);
            prop_assert_eq!(read.relevant_until, notice.relevant_until);
            prop_assert_eq!(read.approved, notice.approved);
            prop_assert_eq!(&read.reference_number, &notice.reference_number);
            prop_assert_eq!(&read.file_number, &notice.file_number);
            prop_assert_eq!(&read.revision_mark, &Some(notice.revision.number().to_string()));
            prop_assert_eq!(&read.categories, &notice.categories);
            prop_assert_eq!(&read.originator, &notice.originator);
            prop_assert_eq!(read.personal_data, notice.personal_data);
            prop_assert_eq!(read.documents.len(), notice.documents.len());
            for (read, document) in read.documents.iter().zip(&notice.documents) {
                prop_assert_eq!(&read.title, &document.title);
                prop_assert_eq!(&read.url, &document.url);
                prop_assert_eq!(&read.media_type, &document.media_type);
            }
        }
    }
}

#[test]
fn a_board_without_an_operator_is_not_written() {
    let nobody = WrittenBoard {
        operator: Operator {
            ico: Some("258245".to_owned()),
            ..Operator::default()
        },
        ..board()
    };
    let document_url = |_: &Notice, _: &Document| None;
    assert!(matches!(
        ofn::write(&nobody, &[], document_url),
        Err(WriteError::NoOperator { .. })
    ));
    let nowhere = WrittenBoard {
        iri: BoardIri::new("deska"),
        ..board()
    };
    assert!(matches!(
        ofn::write(&nowhere, &[], document_url),
        Err(WriteError::BadIri { .. })
    ));
}
