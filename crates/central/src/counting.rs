//! Numbers with their nouns, in what a clerk or an administrator reads.

/// „1 document", „2 documents".
pub(crate) fn counted(number: usize, noun: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noun_agrees_with_its_number() {
        let words = [0, 1, 2, 21].map(|number| counted(number, "page"));
        assert_eq!(words, ["0 pages", "1 page", "2 pages", "21 pages"]);
    }
}
