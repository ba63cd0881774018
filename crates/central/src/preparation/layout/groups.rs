//! Groups single lines: rows of a table, an address, the numbers on a map.

use vyveska_wire::text_rendition::ParagraphKind;

use super::{Block, Break, Measured};

/// This many labels in a row belong to a map or a form.
const FEWEST_LABELS: usize = 4;
/// The most words and letters of a label.
const LABEL_WORDS: usize = 2;
const LABEL_LETTERS: usize = 12;

/// Lines with their kind, where the grouping gives it.
pub(super) type Group = (Option<ParagraphKind>, Vec<Measured>);

/// Groups blocks of single lines.
pub(super) fn gather(blocks: Vec<Block>) -> Vec<Group> {
    merge_labels(merge_lists(blocks))
}

/// Rows of a table, and lines that were each broken on purpose, become one group and stay lines.
fn merge_lists(blocks: Vec<Block>) -> Vec<Group> {
    let mut merged: Vec<Group> = Vec::new();
    let mut open = false;
    for mut block in blocks {
        let single = block.is_single();
        let joins = open
            && single
            && merged.last().is_some_and(|(_, lines)| {
                joins_list(lines.last(), block.lines.first(), block.separation)
            });
        if joins && let Some((kind, lines)) = merged.last_mut() {
            *kind = Some(ParagraphKind::Lines);
            lines.append(&mut block.lines);
        } else {
            merged.push((None, block.lines));
        }
        open = single;
    }
    merged
}

fn joins_list(before: Option<&Measured>, line: Option<&Measured>, separation: Break) -> bool {
    let (Some(before), Some(line)) = (before, line) else {
        return false;
    };
    let size = line.height / before.height;
    let pitch = (line.middle() - before.middle()) / before.height;
    let alike = before.paragraph.is_some() || (0.87..1.15).contains(&size);
    let near = (0.0..3.0).contains(&pitch) && alike;
    (before.tabular && line.tabular && near) || separation == Break::Short
}

/// Joins the numbers on a map into one group.
fn merge_labels(groups: Vec<Group>) -> Vec<Group> {
    let mut merged: Vec<Group> = Vec::new();
    let mut labels: Vec<Group> = Vec::new();
    for group in groups {
        if is_label(&group) {
            labels.push(group);
        } else {
            end_labels(&mut labels, &mut merged);
            merged.push(group);
        }
    }
    end_labels(&mut labels, &mut merged);
    merged
}

fn is_label((_, lines): &Group) -> bool {
    lines
        .iter()
        .all(|line| line.words.len() <= LABEL_WORDS && line.letters <= LABEL_LETTERS)
}

fn end_labels(labels: &mut Vec<Group>, merged: &mut Vec<Group>) {
    let count: usize = labels.iter().map(|(_, lines)| lines.len()).sum();
    if count < FEWEST_LABELS {
        merged.append(labels);
    } else {
        let lines = labels.drain(..).flat_map(|(_, lines)| lines).collect();
        merged.push((Some(ParagraphKind::Lines), lines));
    }
}
