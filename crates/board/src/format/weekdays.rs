//! The names of the days of the week, for everything that writes or recognises one.

use crate::Language;

/// From Monday to Sunday.
pub(super) const fn names(language: Language) -> &'static [&'static str; 7] {
    match language {
        Language::Czech => &[
            "pondělí",
            "úterý",
            "středa",
            "čtvrtek",
            "pátek",
            "sobota",
            "neděle",
        ],
        Language::German => &[
            "Montag",
            "Dienstag",
            "Mittwoch",
            "Donnerstag",
            "Freitag",
            "Samstag",
            "Sonntag",
        ],
        Language::English => &[
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ],
    }
}

/// As timetables abbreviate them, in lower case.
pub(super) const fn short(language: Language) -> &'static [&'static str; 7] {
    match language {
        Language::Czech => &["po", "út", "st", "čt", "pá", "so", "ne"],
        Language::German => &["mo", "di", "mi", "do", "fr", "sa", "so"],
        Language::English => &["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    }
}
