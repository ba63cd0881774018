//! Where the categories stand above the list.
//!
//! They flow in lines like words.
//! At most two lines are shown, the second ending in „Další…", which brings the rest;
//! the chosen category is always among those that are shown.

use super::view_model::CategoryView;

/// How many lines stand there until somebody asks for more.
const LINES: u16 = 2;

/// What touching a chip does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChipKind {
    /// All notices.
    All,
    /// Those of one category.
    Category,
    /// Shows every category.
    More,
    /// Shows two lines again.
    Fewer,
}

/// One of several to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// What touching it does.
    pub kind: ChipKind,
    /// The category's name; empty for the others, whose words the markup knows.
    pub name: String,
    /// How many notices it holds; may be empty.
    pub count: String,
    /// Whether it is the chosen one.
    pub chosen: bool,
}

/// A chip and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedChip {
    /// What stands there.
    pub chip: Chip,
    /// From the left.
    pub x: f32,
    /// Counted from 0.
    pub line: u16,
    /// Across.
    pub width: f32,
}

/// Arranges the categories in a width, each as wide as `measure` says.
pub fn arrange(
    total: u32,
    all_chosen: bool,
    categories: &[CategoryView],
    expanded: bool,
    available: f32,
    gap: f32,
    measure: impl Fn(&Chip) -> f32,
) -> Vec<PlacedChip> {
    let flow = |chips: Vec<Chip>| flow(chips, available, gap, &measure);
    let all = Chip {
        kind: ChipKind::All,
        name: String::new(),
        count: total.to_string(),
        chosen: all_chosen,
    };
    let every: Vec<&CategoryView> = categories.iter().collect();
    let fits = flow(line_up(&all, &every, None));
    if lines(&fits) <= LINES {
        return fits;
    }
    if expanded {
        let fewer = Chip {
            kind: ChipKind::Fewer,
            name: String::new(),
            count: String::new(),
            chosen: false,
        };
        return flow(line_up(&all, &every, Some(fewer)));
    }
    let shortened = shorten(&all, &every, &flow);
    let hidden_chosen = every
        .iter()
        .position(|category| category.chosen)
        .filter(|position| {
            !shortened
                .iter()
                .any(|placed| is_category(&placed.chip, every[*position]))
        });
    match hidden_chosen {
        None => shortened,
        Some(position) => {
            let mut reordered = every.clone();
            let chosen = reordered.remove(position);
            reordered.insert(0, chosen);
            shorten(&all, &reordered, &flow)
        }
    }
}

/// As many categories as two lines hold beside „Další…".
fn shorten(
    all: &Chip,
    categories: &[&CategoryView],
    flow: &impl Fn(Vec<Chip>) -> Vec<PlacedChip>,
) -> Vec<PlacedChip> {
    let mut best = Vec::new();
    for shown in 0..categories.len() {
        let hidden: u32 = categories[shown..]
            .iter()
            .map(|category| category.count)
            .fold(0, u32::saturating_add);
        let more = Chip {
            kind: ChipKind::More,
            name: String::new(),
            count: hidden.to_string(),
            chosen: false,
        };
        let placed = flow(line_up(all, &categories[..shown], Some(more)));
        if shown > 0 && lines(&placed) > LINES {
            break;
        }
        best = placed;
    }
    best
}

fn line_up(all: &Chip, categories: &[&CategoryView], last: Option<Chip>) -> Vec<Chip> {
    let categories = categories.iter().map(|category| Chip {
        kind: ChipKind::Category,
        name: category.name.clone(),
        count: category.count.to_string(),
        chosen: category.chosen,
    });
    std::iter::once(all.clone())
        .chain(categories)
        .chain(last)
        .collect()
}

fn flow(
    chips: Vec<Chip>,
    available: f32,
    gap: f32,
    measure: impl Fn(&Chip) -> f32,
) -> Vec<PlacedChip> {
    let (mut x, mut line) = (0.0, 0);
    chips
        .into_iter()
        .map(|chip| {
            let width = measure(&chip).min(available);
            if x > 0.0 && x + width > available {
                x = 0.0;
                line += 1;
            }
            let placed = PlacedChip {
                chip,
                x,
                line,
                width,
            };
            x += width + gap;
            placed
        })
        .collect()
}

fn lines(placed: &[PlacedChip]) -> u16 {
    placed.last().map_or(0, |last| last.line + 1)
}

fn is_category(chip: &Chip, category: &CategoryView) -> bool {
    chip.kind == ChipKind::Category && chip.name == category.name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn categories(names: &[&str], chosen: Option<&str>) -> Vec<CategoryView> {
        names
            .iter()
            .map(|name| CategoryView {
                name: (*name).to_owned(),
                count: 2,
                chosen: chosen == Some(name),
            })
            .collect()
    }

    /// Lines of words; every chip is as wide as its letters, „Vše" 3, „Další…" 6, „Méně" 4.
    #[track_caller]
    fn check(names: &[&str], chosen: Option<&str>, expanded: bool, expected: &[&str]) {
        let placed = arrange(
            9,
            chosen.is_none(),
            &categories(names, chosen),
            expanded,
            20.0,
            1.0,
            |chip| word(chip).chars().count() as f32,
        );
        let mut lines = vec![String::new(); usize::from(super::lines(&placed))];
        for placed in &placed {
            let line = &mut lines[usize::from(placed.line)];
            if !line.is_empty() {
                line.push(' ');
            }
            assert_eq!(line.chars().count() as f32, placed.x);
            line.push_str(&word(&placed.chip));
        }
        assert_eq!(lines, expected);
    }

    fn word(chip: &Chip) -> String {
        match chip.kind {
            ChipKind::All => "Vše".to_owned(),
            ChipKind::More => "Další…".to_owned(),
            ChipKind::Fewer => "Méně".to_owned(),
            ChipKind::Category => chip.name.clone(),
        }
    }

    #[test]
    fn few_categories_need_no_more() {
        check(
            &["vyhlášky", "dražby"],
            None,
            false,
            &["Vše vyhlášky dražby"],
        );
        check(&[], None, false, &["Vše"]);
    }

    #[test]
    fn two_lines_end_in_more() {
        let many = ["vyhlášky", "dražby", "prodeje", "rozpočty", "doprava"];
        check(
            &many,
            None,
            false,
            &["Vše vyhlášky dražby", "prodeje Další…"],
        );
    }

    #[test]
    fn everything_is_there_when_expanded() {
        let many = ["vyhlášky", "dražby", "prodeje", "rozpočty", "doprava"];
        check(
            &many,
            None,
            true,
            &["Vše vyhlášky dražby", "prodeje rozpočty", "doprava Méně"],
        );
    }

    #[test]
    fn the_chosen_one_is_never_hidden() {
        let many = ["vyhlášky", "dražby", "prodeje", "rozpočty", "doprava"];
        check(
            &many,
            Some("doprava"),
            false,
            &["Vše doprava vyhlášky", "dražby Další…"],
        );
    }

    #[test]
    fn a_name_wider_than_the_screen_takes_one_line() {
        check(&["vyhlášky"], None, false, &["Vše vyhlášky"]);
        let placed = arrange(1, true, &categories(&["a"], None), false, 5.0, 1.0, |_| {
            50.0
        });
        assert!(placed.iter().all(|placed| placed.width <= 5.0));
    }

    #[test]
    fn more_says_how_many_it_holds() {
        let many = ["vyhlášky", "dražby", "prodeje", "rozpočty", "doprava"];
        let placed = arrange(
            9,
            true,
            &categories(&many, None),
            false,
            20.0,
            1.0,
            |chip| word(chip).chars().count() as f32,
        );
        assert_eq!(
            placed.last().map(|placed| placed.chip.count.as_str()),
            Some("4")
        );
    }
}
