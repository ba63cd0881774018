//! The names of the months, for everything that writes or says a date.

use crate::Language;

/// Month names as written in a date: Czech in the genitive.
pub const fn names(language: Language) -> &'static [&'static str; 12] {
    match language {
        Language::Czech => &[
            "ledna",
            "února",
            "března",
            "dubna",
            "května",
            "června",
            "července",
            "srpna",
            "září",
            "října",
            "listopadu",
            "prosince",
        ],
        Language::German => &[
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
        Language::English => &[
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
    }
}

/// Length of an abbreviated English month.
const SHORT: usize = 3;

/// The abbreviated English month ("Nov"), counted from 0.
pub fn english_short(month: usize) -> &'static str {
    &names(Language::English)[month % 12][..SHORT]
}

/// The number of a named month, counted from 1; in English also when abbreviated.
pub fn number_of(name: &str, language: Language) -> Option<u32> {
    let short = |month: &str| {
        language == Language::English && name.len() == SHORT && month.starts_with(name)
    };
    (1..)
        .zip(names(language))
        .find(|(_, month)| **month == name || short(month))
        .map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_found_by_their_names() {
        assert_eq!(number_of("října", Language::Czech), Some(10));
        assert_eq!(number_of("März", Language::German), Some(3));
        assert_eq!(number_of("Dec", Language::English), Some(12));
        assert_eq!(number_of("Mär", Language::German), None);
        assert_eq!(number_of("", Language::English), None);
        assert_eq!(english_short(10), "Nov");
    }
}
