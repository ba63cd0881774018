//! Under which legal rule a notice hangs.
//!
//! An office or a source states it; it is never guessed. What follows from a rule (periods, and how days are counted) is
//! not here.

/// A rule of the closed list, by its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PostingRule {
    code: &'static str,
    source: &'static str,
}

const fn rule(code: &'static str, source: &'static str) -> PostingRule {
    PostingRule { code, source }
}

/// Every rule that is known, and where it stands.
const RULES: [PostingRule; 26] = [
    rule("P01", "zákon č. 500/2004 Sb., § 25 odst. 2"),
    rule("P02", "zákon č. 500/2004 Sb., § 25 odst. 3"),
    rule(
        "P03",
        "zákon č. 500/2004 Sb., § 172 odst. 1 a § 173 odst. 1",
    ),
    rule("P04", "zákon č. 128/2000 Sb., § 39 odst. 1"),
    rule("P05", "zákon č. 128/2000 Sb., § 93 odst. 1"),
    rule("P06", "zákon č. 250/2000 Sb., § 3, § 11 a § 17"),
    rule("P07", "zákon č. 250/2000 Sb., § 3, § 11 a § 17"),
    rule("P08", "zákon č. 250/2000 Sb., § 39 odst. 3 a 5"),
    rule("P09", "zákon č. 250/2000 Sb., § 10c"),
    rule("P10", "zákon č. 250/2000 Sb., § 10d"),
    rule("P11", "zákon č. 35/2021 Sb., § 3 odst. 2"),
    rule("P12", "zákon č. 35/2021 Sb., § 2 odst. 5"),
    rule("P13", "zákon č. 280/2009 Sb., § 49"),
    rule("P14", "zákon č. 280/2009 Sb., § 50"),
    rule("P15", "zákon č. 99/1963 Sb., § 50l"),
    rule("P16", "zákon č. 99/1963 Sb., § 336c"),
    rule("P17", "zákon č. 312/2002 Sb., § 6 a 7"),
    rule("P18", "zákon č. 100/2001 Sb., § 16"),
    rule("P19", "zákon č. 491/2001 Sb., § 15 odst. 1 písm. g)"),
    rule("P20", "zákon č. 491/2001 Sb., § 29"),
    rule("P21", "zákon č. 500/2004 Sb., § 26 odst. 4"),
    rule("P22", "zákon č. 283/2021 Sb."),
    rule("P23", "zákon č. 458/2000 Sb., § 25"),
    rule("P24", "zákon č. 89/2012 Sb., § 1052"),
    rule("P25", "zákon č. 106/1999 Sb., § 5"),
    rule("P26", "zákon č. 361/2000 Sb., § 77 odst. 5"),
];

impl PostingRule {
    /// The rule of this code; `None` when there is none.
    pub fn find(code: &str) -> Option<Self> {
        RULES.into_iter().find(|rule| rule.code == code)
    }

    /// Its code, for instance `P01`.
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// The act and the section in which it stands, in Czech.
    pub const fn source(self) -> &'static str {
        self.source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_finds_its_own_rule() {
        for (number, rule) in (1..).zip(RULES) {
            assert_eq!(rule.code(), format!("P{number:02}"));
            assert_eq!(PostingRule::find(rule.code()), Some(rule));
        }
        assert_eq!(PostingRule::find("P27"), None);
        assert_eq!(PostingRule::find("p01"), None);
        assert!(
            PostingRule::find("P04")
                .unwrap()
                .source()
                .contains("128/2000")
        );
    }
}
