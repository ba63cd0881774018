//! Layout of the category chips above the list.
//!
//! Chips flow in lines like words. Those that do not fit are behind „Další…",
//! which shows all of them with the other choices. The chosen category is always visible,
//! and „Další…" keeps its place while it is open, so that a second touch closes it.

use super::view_model::CategoryView;

/// The action of a chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChipKind {
    All,
    /// Those of one category.
    Category,
    /// Shows every category and what else there is to choose.
    More,
    /// Shows the list again.
    Fewer,
    /// The town's information.
    Information,
}

/// One of several to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// The action of a touch.
    pub kind: ChipKind,
    /// The category's key; empty for the others.
    pub key: String,
    /// The category's name; empty for the others, whose words the markup knows.
    pub name: String,
    /// How many notices it holds; may be empty.
    pub count: String,
    pub chosen: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PlacedChip {
    pub chip: Chip,
    pub x: f32,
    /// Counted from 0.
    pub line: u16,
    pub width: f32,
}

#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// How many notices are posted.
    pub total: u32,
    /// Whether all of them are shown.
    pub all_chosen: bool,
    /// The categories, the most wanted first.
    pub categories: &'a [CategoryView],
    /// Whether „Další…" is open.
    pub expanded: bool,
    /// Whether „Další…" holds more than categories, so that it is there even when they all find room.
    pub more_behind: bool,
    /// Whether there is the town's information to go to: where its chip finds no room, it is behind „Další…".
    pub information: bool,
}

/// The space for chips.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// The width of a line, in logical pixels.
    pub available: f32,
    /// Between chips, in logical pixels.
    pub gap: f32,
    /// How many lines there are; more are taken where what must be in sight does not fit.
    pub lines: u16,
}

/// Arranges the chips above the list, each as wide as `measure` says;
/// „Další…" and what takes its place have to be equally wide, so that nothing moves when it is touched.
pub fn arrange(choice: &Choice<'_>, room: Room, measure: impl Fn(&Chip) -> f32) -> Vec<PlacedChip> {
    let placed = arrange_choice(choice, room, &measure);
    if !choice.information || lines(&placed) <= room.lines {
        return placed;
    }
    // A chip goes behind „Další…" rather than alone on a line of its own.
    let behind = Choice {
        information: false,
        more_behind: true,
        ..*choice
    };
    arrange_choice(&behind, room, &measure)
}

fn arrange_choice(
    choice: &Choice<'_>,
    room: Room,
    measure: &impl Fn(&Chip) -> f32,
) -> Vec<PlacedChip> {
    let mut order: Vec<&CategoryView> = choice.categories.iter().collect();
    if !choice.more_behind && !choice.expanded {
        let all = line_up(choice, &order, false);
        let count = all.len();
        // A board may have very many categories: those behind the last line are not measured.
        let within: Vec<PlacedChip> = flow(all, room, measure)
            .take_while(|placed| placed.line < room.lines)
            .collect();
        if within.len() == count {
            return within;
        }
    }
    let placed = shorten(choice, &order, room, measure);
    match order.iter().position(|category| category.chosen) {
        Some(position) if !shows(&placed, order[position]) => {
            let chosen = order.remove(position);
            order.insert(0, chosen);
            shorten(choice, &order, room, measure)
        }
        _ => placed,
    }
}

/// Whether a category stands among these chips.
fn shows(placed: &[PlacedChip], category: &CategoryView) -> bool {
    placed
        .iter()
        .any(|placed| placed.chip.kind == ChipKind::Category && placed.chip.key == category.key)
}

/// Arranges the categories that do not stand above the list, for where „Další…" shows them.
pub fn arrange_others(
    categories: &[CategoryView],
    above: &[PlacedChip],
    room: Room,
    measure: impl Fn(&Chip) -> f32,
) -> Vec<PlacedChip> {
    let others = categories
        .iter()
        .filter(|category| !shows(above, category))
        .map(category_chip)
        .collect();
    flow(others, room, measure).collect()
}

/// How many of the most wanted categories may fill a line that one before them is too wide for.
const FILLERS: usize = 6;

/// As many of the categories as find room beside „Další…", the most wanted first, and at least a chosen one at
/// their head. Where one is too wide, a narrower one after it may still fill the line.
fn shorten(
    choice: &Choice<'_>,
    categories: &[&CategoryView],
    room: Room,
    measure: &impl Fn(&Chip) -> f32,
) -> Vec<PlacedChip> {
    let least = usize::from(categories.first().is_some_and(|first| first.chosen));
    let mut shown = categories[..least].to_vec();
    let mut chips = line_up(choice, &shown, true);
    let mut best: Vec<PlacedChip> = flow(chips.clone(), room, measure).collect();
    if least > 0 && lines(&best) > room.lines {
        // A chosen one that finds no room among the others stands in a line of its own.
        let chosen = chips.remove(1);
        chips.push(chosen);
        let below: Vec<PlacedChip> = flow(chips, room, measure).collect();
        if lines(&below) < lines(&best) {
            return below;
        }
    }
    for (position, category) in categories.iter().enumerate().skip(least) {
        shown.push(category);
        let placed: Vec<PlacedChip> = flow(line_up(choice, &shown, true), room, measure).collect();
        if lines(&placed) <= room.lines {
            best = placed;
            continue;
        }
        shown.pop();
        if position >= FILLERS {
            break;
        }
    }
    best
}

/// The chips in their order: all, these categories, „Další…", information.
fn line_up(choice: &Choice<'_>, categories: &[&CategoryView], more: bool) -> Vec<Chip> {
    let plain = |kind| Chip {
        kind,
        key: String::new(),
        name: String::new(),
        count: String::new(),
        chosen: false,
    };
    let mut chips = vec![Chip {
        count: choice.total.to_string(),
        chosen: choice.all_chosen,
        ..plain(ChipKind::All)
    }];
    chips.extend(categories.iter().map(|category| category_chip(category)));
    if more {
        // Without a count: a notice may be in several of the others.
        chips.push(Chip {
            chosen: choice.expanded,
            ..plain(if choice.expanded {
                ChipKind::Fewer
            } else {
                ChipKind::More
            })
        });
    }
    if choice.information {
        chips.push(plain(ChipKind::Information));
    }
    chips
}

fn category_chip(category: &CategoryView) -> Chip {
    Chip {
        kind: ChipKind::Category,
        key: category.key.clone(),
        name: category.name.clone(),
        count: category.count.to_string(),
        chosen: category.chosen,
    }
}

fn flow(
    chips: Vec<Chip>,
    room: Room,
    measure: impl Fn(&Chip) -> f32,
) -> impl Iterator<Item = PlacedChip> {
    let (mut x, mut line) = (0.0, 0);
    chips.into_iter().map(move |chip| {
        let width = measure(&chip).min(room.available);
        if x > 0.0 && x + width > room.available {
            x = 0.0;
            line += 1;
        }
        let placed = PlacedChip {
            chip,
            x,
            line,
            width,
        };
        x += width + room.gap;
        placed
    })
}

pub fn lines(placed: &[PlacedChip]) -> u16 {
    placed.last().map_or(0, |last| last.line + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn categories(names: &[&str], chosen: Option<&str>) -> Vec<CategoryView> {
        names
            .iter()
            .map(|name| CategoryView {
                key: (*name).to_owned(),
                name: (*name).to_owned(),
                count: 2,
                chosen: chosen == Some(name),
            })
            .collect()
    }

    const MANY: [&str; 5] = ["vyhlášky", "dražby", "prodeje", "rozpočty", "doprava"];

    fn choice(categories: &[CategoryView]) -> Choice<'_> {
        Choice {
            total: 9,
            all_chosen: !categories.iter().any(|category| category.chosen),
            categories,
            expanded: false,
            more_behind: false,
            information: false,
        }
    }

    fn room(lines: u16) -> Room {
        Room {
            available: 20.0,
            gap: 1.0,
            lines,
        }
    }

    /// Lines of words; every chip is as wide as its letters.
    #[track_caller]
    fn check(choice: &Choice<'_>, lines: u16, expected: &[&str]) {
        let placed = arrange(choice, room(lines), |chip| {
            word(chip).chars().count() as f32
        });
        assert_eq!(written(&placed), expected);
    }

    #[track_caller]
    fn written(placed: &[PlacedChip]) -> Vec<String> {
        let mut lines = vec![String::new(); usize::from(super::lines(placed))];
        for placed in placed {
            let line = &mut lines[usize::from(placed.line)];
            if !line.is_empty() {
                line.push(' ');
            }
            assert_eq!(line.chars().count() as f32, placed.x);
            line.push_str(&word(&placed.chip));
        }
        lines
    }

    fn word(chip: &Chip) -> String {
        match chip.kind {
            ChipKind::All => "Vše".to_owned(),
            ChipKind::More => "Další…".to_owned(),
            ChipKind::Fewer => "Zavřít".to_owned(),
            ChipKind::Information => "Město".to_owned(),
            ChipKind::Category => chip.name.clone(),
        }
    }

    #[test]
    fn few_categories_need_no_more() {
        let few = categories(&["vyhlášky", "dražby"], None);
        check(&choice(&few), 2, &["Vše vyhlášky dražby"]);
        check(&choice(&[]), 2, &["Vše"]);
    }

    #[test]
    fn categories_that_find_no_room_are_not_measured() {
        let names: Vec<String> = (0..500).map(|number| format!("druh {number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let measured = std::cell::Cell::new(0);
        arrange(&choice(&categories(&names, None)), room(2), |chip| {
            measured.set(measured.get() + 1);
            word(chip).chars().count() as f32
        });
        assert!(measured.get() < 50, "{} times", measured.get());
    }

    #[test]
    fn two_lines_end_in_more() {
        let many = categories(&MANY, None);
        check(
            &choice(&many),
            2,
            &["Vše vyhlášky dražby", "prodeje Další…"],
        );
    }

    #[test]
    fn one_line_has_what_finds_room() {
        let many = categories(&MANY, None);
        check(&choice(&many), 1, &["Vše vyhlášky Další…"]);
    }

    #[test]
    fn nothing_moves_when_more_is_touched() {
        let many = categories(&MANY, None);
        let expanded = Choice {
            expanded: true,
            ..choice(&many)
        };
        check(&expanded, 2, &["Vše vyhlášky dražby", "prodeje Zavřít"]);
    }

    #[test]
    fn more_is_there_where_it_holds_more_than_categories() {
        let few = categories(&["dražby"], None);
        let behind = Choice {
            more_behind: true,
            ..choice(&few)
        };
        check(&behind, 1, &["Vše dražby Další…"]);
    }

    #[test]
    fn information_stands_last() {
        let many = categories(&MANY, None);
        let information = Choice {
            information: true,
            ..choice(&many)
        };
        check(
            &information,
            2,
            &["Vše vyhlášky dražby", "prodeje Další… Město"],
        );
    }

    #[test]
    fn the_chosen_one_is_never_hidden() {
        let many = categories(&MANY, Some("doprava"));
        check(
            &choice(&many),
            2,
            &["Vše doprava vyhlášky", "dražby Další…"],
        );
        let long = categories(&["dražby", "územní rozhodnutí"], Some("územní rozhodnutí"));
        check(&choice(&long), 1, &["Vše Další…", "územní rozhodnutí"]);
    }

    #[test]
    fn a_narrower_one_fills_the_line_that_a_wide_one_does_not() {
        let uneven = categories(&["vyhlášky", "dražby a exekuce", "volby"], None);
        let information = Choice {
            information: true,
            ..choice(&uneven)
        };
        check(&information, 2, &["Vše vyhlášky volby", "Další… Město"]);
    }

    #[test]
    fn information_is_behind_more_rather_than_alone_on_a_line() {
        let few = categories(&["dražby"], None);
        let information = Choice {
            information: true,
            ..choice(&few)
        };
        check(&information, 1, &["Vše dražby Město"]);
        let many = categories(&MANY, None);
        let information = Choice {
            information: true,
            ..choice(&many)
        };
        // With „Město" beside them, the line is full; with any of the kinds it would overflow.
        check(&information, 1, &["Vše Další… Město"]);
        let narrow = Room {
            available: 12.0,
            ..room(1)
        };
        let placed = arrange(&information, narrow, |chip| {
            word(chip).chars().count() as f32
        });
        assert_eq!(written(&placed), ["Vše Další…"]);
    }

    #[test]
    fn the_others_flow_where_more_shows_them() {
        let many = categories(&MANY, None);
        let measure = |chip: &Chip| word(chip).chars().count() as f32;
        let above = arrange(&choice(&many), room(1), measure);
        let placed = arrange_others(&many, &above, room(1), measure);
        assert_eq!(
            written(&placed),
            ["dražby prodeje", "rozpočty doprava"],
            "„vyhlášky“ stand above"
        );
    }

    #[test]
    fn a_name_wider_than_the_screen_takes_one_line() {
        let wide = categories(&["a"], None);
        let placed = arrange(&choice(&wide), room(2), |_| 50.0);
        assert!(placed.iter().all(|placed| placed.width <= 20.0));
    }

    #[test]
    fn more_counts_nothing_because_a_notice_may_be_of_several_kinds() {
        let many = categories(&MANY, None);
        let placed = arrange(&choice(&many), room(2), |chip| {
            word(chip).chars().count() as f32
        });
        let last = placed.last().map(|placed| placed.chip.count.as_str());
        assert_eq!(last, Some(""));
    }
}
