//! File sizes as text.

use crate::Language;

use super::typography::NO_BREAK;

/// „205 kB", „1,2 MB" or „31,9 GB"; a thousand bytes are a kilobyte, as download pages count.
pub fn file_size(bytes: u64, language: Language) -> String {
    if bytes < 1_000_000 {
        return format!("{}{NO_BREAK}kB", bytes.div_ceil(1000));
    }
    let tenths = bytes.div_ceil(100_000);
    let (tenths, unit) = match tenths {
        10_000.. => (tenths.div_ceil(1000), "GB"),
        _ => (tenths, "MB"),
    };
    let point = match language {
        Language::Czech | Language::German => ',',
        Language::English => '.',
    };
    format!("{}{point}{}{NO_BREAK}{unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_up_and_written_in_the_language() {
        assert_eq!(file_size(1, Language::Czech), "1\u{a0}kB");
        assert_eq!(file_size(204_100, Language::Czech), "205\u{a0}kB");
        assert_eq!(file_size(1_150_000, Language::German), "1,2\u{a0}MB");
        assert_eq!(file_size(50_000_000, Language::English), "50.0\u{a0}MB");
        assert_eq!(file_size(31_914_983_424, Language::Czech), "32,0\u{a0}GB");
    }
}
