//! Page numbers in a line, the same in every language.

/// At most so many numbers and runs are written; more are "…".
const MOST: usize = 8;

/// „2, 5–7, 9" of ascending page numbers.
pub fn page_numbers(pages: &[u32]) -> String {
    let runs = pages.chunk_by(|one, next| one.checked_add(1) == Some(*next));
    let mut written: Vec<String> = runs
        .take(MOST + 1)
        .map(|run| match run {
            [first, .., last] => format!("{first}–{last}"),
            _ => run.iter().map(u32::to_string).collect(),
        })
        .collect();
    if written.len() > MOST {
        written.truncate(MOST);
        written.push("…".to_owned());
    }
    written.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pages: &[u32], expected: &str) {
        assert_eq!(page_numbers(pages), expected);
    }

    #[test]
    fn pages_in_a_row_are_a_range() {
        check(&[], "");
        check(&[3], "3");
        check(&[1, 2], "1–2");
        check(&[2, 5, 6, 7, 9], "2, 5–7, 9");
        check(&[u32::MAX - 1, u32::MAX], "4294967294–4294967295");
    }

    #[test]
    fn many_are_not_all_written() {
        let every_other: Vec<u32> = (1..100).step_by(2).collect();
        check(&every_other[..8], "1, 3, 5, 7, 9, 11, 13, 15");
        check(&every_other, "1, 3, 5, 7, 9, 11, 13, 15, …");
        check(&(1..=5_000).collect::<Vec<u32>>(), "1–5000");
    }
}
