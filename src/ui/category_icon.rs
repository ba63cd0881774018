//! Icons of categories.
//!
//! Publishers name categories freely, so words decide, without regard to case; anything else gets the icon of a file.

use super::view_model::Icon;

/// Stems of words; the first that is found decides.
const STEMS: [(&str, Icon); 34] = [
    ("draž", Icon::Gavel),
    ("exeku", Icon::Gavel),
    ("soud", Icon::Gavel),
    ("prodej", Icon::House),
    ("pronáj", Icon::House),
    ("záměr", Icon::House),
    ("majet", Icon::House),
    ("nemovit", Icon::House),
    ("odstáv", Icon::Lightning),
    ("elekt", Icon::Lightning),
    ("přeruš", Icon::Lightning),
    ("energi", Icon::Lightning),
    ("zastupitel", Icon::Buildings),
    ("rada", Icon::Buildings),
    ("svazek", Icon::Buildings),
    ("volb", Icon::Buildings),
    ("výběrov", Icon::Briefcase),
    ("volná míst", Icon::Briefcase),
    ("zakáz", Icon::Briefcase),
    ("rozpoč", Icon::Coins),
    ("hospoda", Icon::Coins),
    ("dota", Icon::Coins),
    ("grant", Icon::Coins),
    ("finan", Icon::Coins),
    ("doprav", Icon::Road),
    ("uzavír", Icon::Road),
    ("silni", Icon::Road),
    ("životní", Icon::Tree),
    ("eia", Icon::Tree),
    ("dřevin", Icon::Tree),
    ("lesn", Icon::Tree),
    ("vyhlášk", Icon::Scales),
    ("předpis", Icon::Scales),
    ("řízení", Icon::Scales),
];

/// The icon of a category, by its Czech name.
pub(crate) fn icon_of(category: &str) -> Icon {
    let category = category.to_lowercase();
    STEMS
        .iter()
        .find(|(stem, _)| category.contains(stem))
        .map_or(Icon::File, |(_, icon)| *icon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_names_find_their_picture() {
        assert_eq!(icon_of("Veřejné vyhlášky"), Icon::Scales);
        assert_eq!(icon_of("DRAŽEBNÍ VYHLÁŠKY"), Icon::Gavel);
        assert_eq!(icon_of("Záměry obce – prodej a pronájem"), Icon::House);
        assert_eq!(icon_of("Výběrová řízení"), Icon::Briefcase);
        assert_eq!(icon_of(""), Icon::File);
    }
}
