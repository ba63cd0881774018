//! How dates, periods, counts and texts are written in each language.
//!
//! The kiosk, the public web board and documents all write through here, so that no two of them state an end or a
//! number differently.
//!
//! | Module | What it writes |
//! | --- | --- |
//! | [`dates`] | days, times of day, months |
//! | [`ranges`] | periods, opening hours, ends of validity |
//! | [`deadlines`] | how many days are left |
//! | [`counting`] | numbers with their nouns, „1 ze 3" |
//! | [`page_numbers`] | the numbers of pages, „2, 5–7" |
//! | [`letters`] | how many marks a letter keeps |
//! | [`notice_title`] | the title of a notice, also of one without |
//! | [`typography`] | which words must not be separated by a line break |
//! | [`file_kind`], [`file_size`] | documents |
//! | [`missing_reason`] | why a document is missing |

pub mod counting;
pub mod dates;
pub mod deadlines;
pub mod file_kind;
pub mod file_size;
pub mod letters;
pub mod missing_reason;
pub mod months;
pub mod notice_title;
pub mod page_numbers;
pub mod ranges;
pub mod typography;
mod weekdays;

use crate::Language;

/// A word or phrase in every language, in the order of [`Language::ALL`].
pub type Phrase = [&'static str; Language::ALL.len()];

pub const fn say(phrase: Phrase, language: Language) -> &'static str {
    let [czech, german, english] = phrase;
    match language {
        Language::Czech => czech,
        Language::German => german,
        Language::English => english,
    }
}
